import * as React from 'react';

import { CommandIDs } from '../tokens';
import { Button } from './button';
import { groupByRepository, type IRepository } from './repositories';
import { Section } from './section';
import { execute, type IShared } from './shared';
import { WorktreeItem } from './worktreeItem';

/** Repositories and their worktrees. */
export function Worktrees({ shared }: { readonly shared: IShared }): React.ReactElement {
  const { model, trans } = shared;
  const { value, error } = model.state.worktrees;
  return (
    <Section title={trans.__('Worktrees')} count={value?.length}>
      {value === null ? (
        <p className="jp-AgentAuth-hint">
          {error ? trans.__('They cannot be listed now.') : trans.__('Not read yet.')}
        </p>
      ) : value.length === 0 ? (
        <NoRepository shared={shared} />
      ) : (
        groupByRepository(value).map(repository => (
          <Repository key={repository.path} shared={shared} repository={repository} />
        ))
      )}
    </Section>
  );
}

function Repository(props: {
  readonly shared: IShared;
  readonly repository: IRepository;
}): React.ReactElement {
  const { shared, repository } = props;
  const { trans } = shared;
  return (
    <div className="jp-AgentAuth-repository">
      <div className="jp-AgentAuth-row">
        <h4 className="jp-AgentAuth-name" title={repository.path}>
          {repository.name}
        </h4>
        <Button
          label={trans.__('New worktree…')}
          name={trans.__('New worktree of %1…', repository.name)}
          onClick={() => {
            execute(shared, CommandIDs.newWorktree, { repo: repository.path });
          }}
        />
      </div>
      <ul className="jp-AgentAuth-list" role="list">
        {repository.worktrees.map(worktree => (
          <WorktreeItem key={worktree.path} shared={shared} worktree={worktree} />
        ))}
      </ul>
    </div>
  );
}

function NoRepository({ shared }: { readonly shared: IShared }): React.ReactElement {
  const { model, trans } = shared;
  return (
    <div className="jp-AgentAuth-empty">
      <p>
        {trans.__(
          'There is no git repository below the server’s root directory. Get one in a terminal, and look again:'
        )}
      </p>
      <code className="jp-AgentAuth-command">{'git clone ADDRESS'}</code>
      <p>{trans.__('An agent also works in a directory that is none, without branches.')}</p>
      <Button
        label={trans.__('Look again')}
        onClick={() => {
          void model.read('worktrees');
        }}
      />
    </div>
  );
}
