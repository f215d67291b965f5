import { refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CommandIDs } from '../tokens';
import { Agents } from './agents';
import { Button } from './button';
import { Image } from './image';
import { Problems } from './problems';
import { Sessions } from './sessions';
import { execute, type IShared, PARTS } from './shared';
import { Sharing } from './sharing';
import { Worktrees } from './worktrees';

/** The side panel: where agents run, with what, and what is wrong. */
export function Panel({ shared }: { readonly shared: IShared }): React.ReactElement {
  const { model, trans } = shared;
  return (
    <div className="jp-AgentAuth-panelContent">
      <div className="jp-AgentAuth-panelHeader">
        <h2 className="jp-AgentAuth-panelTitle">{trans.__('Agents')}</h2>
        <Button
          icon={refreshIcon}
          label={trans.__('Read everything again')}
          onClick={() => {
            void model.read(...PARTS);
          }}
        />
        <Button
          kind="accept"
          label={trans.__('New session…')}
          onClick={() => {
            execute(shared, CommandIDs.newSession);
          }}
        />
      </div>
      <p role="status" className="jp-AgentAuth-lost">
        {model.server === 'lost' &&
          trans.__('The server does not answer. This is what it said last; it is asked again.')}
      </p>
      <Problems shared={shared} />
      <Sessions shared={shared} />
      <Worktrees shared={shared} />
      <Sharing shared={shared} />
      <Agents shared={shared} />
      <Image shared={shared} />
    </div>
  );
}
