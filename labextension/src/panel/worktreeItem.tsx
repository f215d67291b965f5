import { addIcon, deleteIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { shortTitle, shownAgent, worktreeName } from '../model/names';
import type { IWorktree } from '../rest/types';
import { visible } from '../text/visible';
import { CommandIDs } from '../tokens';
import { AgentIcon } from './agentIcon';
import { Button } from './button';
import { runningIn } from './sessionOrder';
import { execute, type IShared } from './shared';

interface IWorktreeItemProps {
  readonly shared: IShared;
  readonly worktree: IWorktree;
}

/** One worktree: its branch, what changed in it, and who works there. */
export function WorktreeItem({ shared, worktree }: IWorktreeItemProps): React.ReactElement {
  const { model, trans } = shared;
  const { path, changes, problem } = worktree;
  const name = worktreeName(path, worktree);
  const act = (id: string) => () => {
    execute(shared, id, { path });
  };
  const changed =
    changes === null
      ? trans.__('changes unknown')
      : changes === 0
        ? trans.__('no changes')
        : trans._n('%1 file changed', '%1 files changed', changes);
  return (
    <li className="jp-AgentAuth-item">
      <div className="jp-AgentAuth-row">
        <span className="jp-AgentAuth-name" title={visible(path)}>
          {name}
        </span>
        <Button
          icon={addIcon}
          label={trans.__('Open an agent here…')}
          name={trans.__('Open an agent in %1…', name)}
          onClick={() => {
            execute(shared, CommandIDs.newSession, { worktree: path });
          }}
        />
        {!worktree.main && (
          <Button
            icon={deleteIcon}
            label={trans.__('Remove worktree')}
            name={trans.__('Remove worktree %1', name)}
            onClick={act(CommandIDs.removeWorktree)}
          />
        )}
      </div>
      <div className="jp-AgentAuth-meta jp-AgentAuth-actions">
        <Button
          kind="link"
          label={changed}
          name={trans.__('%1 in %2: show the changes', changed, name)}
          title={trans.__('Show the changes')}
          onClick={act(CommandIDs.showChanges)}
        />
        {worktree.branch === null && <span>{trans.__('no branch')}</span>}
      </div>
      {problem !== null && (
        <p className="jp-AgentAuth-sentence jp-AgentAuth-finding-warning">{problem}</p>
      )}
      <WorktreeSessions shared={shared} worktree={worktree} sessions={model.state.sessions.value} />
    </li>
  );
}

function WorktreeSessions(
  props: IWorktreeItemProps & { readonly sessions: Parameters<typeof runningIn>[1] | null }
): React.ReactElement | null {
  const { shared, worktree } = props;
  const sessions = runningIn(worktree, props.sessions ?? []);
  if (sessions.length === 0) {
    return null;
  }
  const { model, trans } = shared;
  return (
    <ul className="jp-AgentAuth-chips" role="list" aria-label={trans.__('Sessions here')}>
      {sessions.map(session => {
        const agent = shownAgent(session.agent, model.agent(session.agent), trans);
        return (
          <li key={session.id}>
            <button
              type="button"
              className="jp-AgentAuth-chip"
              title={trans.__('Show its terminal')}
              onClick={() => {
                execute(shared, CommandIDs.show, { session: session.id });
              }}
            >
              <AgentIcon agent={agent} size={14} /> {shortTitle(agent)}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
