import * as React from 'react';

import { worktreeName } from '../model/names';
import { directoryName, groupByRepository } from '../panel/repositories';
import type { IWorktree } from '../rest/types';
import { visible } from '../text/visible';
import { SelectField } from './selectField';
import type { ISessionDraft } from './sessionDraft';
import type { ISessionFieldProps } from './sessionFields';
import { TextField } from './textField';
import type { useChoices } from './useChoices';
import { WorktreeFields } from './worktreeFields';

/** Values of the list that are no worktree's path: those are absolute. */
const NEW = 'new';
const OTHER = 'other';

interface IPlaceFieldsProps extends ISessionFieldProps {
  readonly worktrees: readonly IWorktree[];
  readonly choices: ReturnType<typeof useChoices>;
}

/** Where the agent works: a worktree, a new one, or another directory. */
export function PlaceFields(props: IPlaceFieldsProps): React.ReactElement {
  const { trans, draft, set, worktrees, choices } = props;
  const repositories = groupByRepository(worktrees);
  return (
    <>
      <SelectField
        label={trans.__('Worktree')}
        value={draft.place === 'listed' ? draft.worktree : draft.place}
        onChange={value => {
          set(chosen(value));
        }}
      >
        {repositories.map(({ path: repo, name, worktrees: members }) => (
          <optgroup key={repo} label={name}>
            {members.map(worktree => (
              <option key={worktree.path} value={worktree.path} title={visible(worktree.path)}>
                {label(worktree)}
              </option>
            ))}
          </optgroup>
        ))}
        {repositories.length > 0 && <option value={NEW}>{trans.__('New worktree…')}</option>}
        <option value={OTHER}>{trans.__('Another directory…')}</option>
      </SelectField>
      {draft.place === 'other' && (
        <TextField
          label={trans.__('Directory')}
          hint={trans.__(
            'Absolute, or below the server’s root directory; the worktree that holds it is used.'
          )}
          value={draft.directory}
          onChange={directory => {
            set({ directory });
          }}
        />
      )}
      {draft.place === 'new' && (
        <div className="jp-AgentAuth-nested">
          <WorktreeFields
            trans={trans}
            repositories={repositories}
            draft={draft.added}
            choices={choices.value}
            problem={choices.problem}
            onChange={added => {
              set({ added });
            }}
          />
        </div>
      )}
    </>
  );
}

function label(worktree: IWorktree): string {
  const name = worktreeName(worktree.path, worktree);
  const directory = directoryName(worktree.path);
  return directory === name ? name : `${name} (${directory})`;
}

function chosen(value: string): Partial<ISessionDraft> {
  return value === NEW || value === OTHER ? { place: value } : { place: 'listed', worktree: value };
}
