import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { AgentAuthModel } from '../model/model';
import { groupByRepository, type IRepository } from '../panel/repositories';
import type { INewWorktree } from '../rest/types';
import { askForm, type Tell } from './form';
import { useChoices } from './useChoices';
import { draftOf, wantedOf } from './worktreeDraft';
import { WorktreeFields } from './worktreeFields';

/** Ask for a new worktree; null when dismissed. */
export async function askForWorktree(
  model: AgentAuthModel,
  trans: TranslationBundle,
  given: Partial<INewWorktree>
): Promise<INewWorktree | null> {
  await model.want('worktrees');
  const repositories = groupByRepository(model.state.worktrees.value ?? []);
  return askForm<INewWorktree>(
    trans.__('New worktree'),
    { accept: trans.__('Make it'), cancel: trans.__('Cancel') },
    tell => (
      <WorktreeForm
        model={model}
        trans={trans}
        repositories={repositories}
        given={given}
        tell={tell}
      />
    ),
    // Who comes from a repository of the panel has chosen it.
    given.repo === undefined ? 'select' : 'input'
  );
}

function WorktreeForm(props: {
  readonly model: AgentAuthModel;
  readonly trans: TranslationBundle;
  readonly repositories: readonly IRepository[];
  readonly given: Partial<INewWorktree>;
  readonly tell: Tell<INewWorktree>;
}): React.ReactElement {
  const { model, trans, repositories, given, tell } = props;
  const [draft, setDraft] = React.useState(() => draftOf(given, repositories[0]?.path ?? ''));
  const choices = useChoices(model, trans, draft.repo);
  React.useEffect(() => {
    tell(wantedOf(draft, choices.value));
  }, [tell, draft, choices.value]);
  return (
    <WorktreeFields
      trans={trans}
      repositories={repositories}
      draft={draft}
      choices={choices.value}
      problem={choices.problem}
      onChange={setDraft}
    />
  );
}
