import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IRepository } from '../panel/repositories';
import type { IWorktreeChoices } from '../rest/types';
import type { BranchProblem } from './branchNames';
import { CarryFields } from './carryFields';
import { SelectField } from './selectField';
import { TextField } from './textField';
import { draftProblems, type IWorktreeDraft, placeOf } from './worktreeDraft';

interface IWorktreeFieldsProps {
  readonly trans: TranslationBundle;
  readonly repositories: readonly IRepository[];
  readonly draft: IWorktreeDraft;
  readonly choices: IWorktreeChoices | null;
  /** Why the choices cannot be read. */
  readonly problem: string;
  readonly onChange: (draft: IWorktreeDraft) => void;
}

/** The fields of a new worktree: repository, branch, base, path, and what it takes along. */
export function WorktreeFields(props: IWorktreeFieldsProps): React.ReactElement {
  const { trans, repositories, draft, choices, problem, onChange } = props;
  const set = (change: Partial<IWorktreeDraft>) => {
    onChange({ ...draft, ...change });
  };
  const problems = draftProblems(draft, choices);
  const exists = problems.branch === null && choices?.branches.includes(draft.branch);
  const unknown = repositories.every(({ path }) => path !== draft.repo);
  return (
    <>
      <SelectField
        label={trans.__('Repository')}
        hint={problem}
        value={draft.repo}
        onChange={repo => {
          set({ repo, base: '', carry: [] });
        }}
      >
        {unknown && <option value={draft.repo}>{draft.repo}</option>}
        {repositories.map(({ path, name }) => (
          <option key={path} value={path} title={path}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label={trans.__('Branch')}
        problem={branchSentence(problems.branch, draft.branch, trans)}
        hint={
          exists
            ? trans.__('The branch exists and is checked out as it is.')
            : trans.__('A new one, or one that is checked out nowhere.')
        }
        placeholder={trans.__('fix-typo')}
        value={draft.branch}
        onChange={value => {
          set({ branch: value.trim() });
        }}
      />
      <TextField
        label={trans.__('Begins at')}
        hint={trans.__('A branch, a tag or a commit; empty for where the repository is now.')}
        offered={choices?.branches}
        placeholder={choices?.current ?? 'HEAD'}
        value={draft.base}
        onChange={value => {
          set({ base: value.trim() });
        }}
      />
      <TextField
        label={trans.__('Directory')}
        placeholder={placeOf(draft, choices)}
        value={draft.path}
        onChange={path => {
          set({ path });
        }}
      />
      <CarryFields
        trans={trans}
        ignored={choices?.ignored ?? []}
        carry={draft.carry}
        onChange={carry => {
          set({ carry });
        }}
      />
    </>
  );
}

function branchSentence(
  problem: BranchProblem | null,
  name: string,
  trans: TranslationBundle
): string {
  switch (problem) {
    case null:
      return '';
    case 'missing':
      return trans.__('Give the branch a name.');
    case 'invalid':
      return trans.__('Git takes no such name: letters, digits, and - _ . / between them.');
    case 'checked_out':
      return trans.__('%1 is checked out in another worktree: take another name.', name);
    case 'exists':
      return trans.__(
        '%1 exists: leave “Begins at” empty to check it out as it is, or take another name.',
        name
      );
  }
}
