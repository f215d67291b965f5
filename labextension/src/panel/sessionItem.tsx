import { closeIcon, refreshIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { sessionTitle, shownAgent } from '../model/names';
import type { ISession } from '../rest/types';
import { visible } from '../text/visible';
import { CommandIDs } from '../tokens';
import { AgentIcon } from './agentIcon';
import { age, dateAndTime } from './ages';
import { Button } from './button';
import { hasEnded } from './sessionOrder';
import { sharingText, stateText } from './sessionText';
import { execute, type IShared } from './shared';

interface ISessionItemProps {
  readonly shared: IShared;
  readonly session: ISession;
  readonly now: number;
}

/** One session: what it is, how it is, and what can be done with it. */
export function SessionItem({ shared, session, now }: ISessionItemProps): React.ReactElement {
  const { model, trans } = shared;
  const agent = shownAgent(session.agent, model.agent(session.agent), trans);
  const title = sessionTitle(session, agent, model.worktree(session.worktree));
  const ended = hasEnded(session);
  const act = (id: string) => () => {
    execute(shared, id, { session: session.id });
  };
  return (
    <li className="jp-AgentAuth-item">
      <div className="jp-AgentAuth-row">
        <AgentIcon agent={agent} />
        <span className="jp-AgentAuth-name" title={visible(session.worktree)}>
          {title}
        </span>
        {!ended && (
          <Button
            label={trans.__('Open')}
            name={trans.__('Open %1', title)}
            title={trans.__('Show its terminal')}
            onClick={act(CommandIDs.show)}
          />
        )}
        <Button
          icon={refreshIcon}
          label={trans.__('Restart')}
          name={trans.__('Restart %1', title)}
          onClick={act(CommandIDs.restart)}
        />
        <Button
          icon={ended ? closeIcon : stopIcon}
          label={ended ? trans.__('Forget') : trans.__('Stop')}
          name={ended ? trans.__('Forget %1', title) : trans.__('Stop %1', title)}
          onClick={act(CommandIDs.stop)}
        />
      </div>
      <ul className="jp-AgentAuth-facts jp-AgentAuth-meta" role="list">
        <li>{stateText(session, trans)}</li>
        <li title={dateAndTime(session.started)}>{age(session.started, now, trans)}</li>
        {session.profile !== 'default' && <li>{trans.__('profile %1', session.profile)}</li>}
        <li>{sharingText(session, trans)}</li>
      </ul>
      {session.problem !== null && (
        <p className="jp-AgentAuth-sentence jp-AgentAuth-finding-warning">{session.problem}</p>
      )}
    </li>
  );
}
