import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { AgentAuthModel } from '../model/model';
import { messageOf } from '../rest/messageOf';
import type { IWorktreeChoices } from '../rest/types';

interface IChoices {
  readonly repo: string;
  readonly value: IWorktreeChoices | null;
  /** Why they cannot be read. */
  readonly problem: string;
}

/** What a new worktree of a repository can be made of; read when the repository is chosen. */
export function useChoices(
  model: AgentAuthModel,
  trans: TranslationBundle,
  repo: string
): IChoices {
  const [choices, setChoices] = React.useState<IChoices>({ repo: '', value: null, problem: '' });
  React.useEffect(() => {
    if (repo === '') {
      return;
    }
    let wanted = true;
    const take = (value: IWorktreeChoices | null, problem: string) => {
      if (wanted) {
        setChoices({ repo, value, problem });
      }
    };
    model.api.worktreeChoices(repo).then(
      value => {
        take(value, '');
      },
      (error: unknown) => {
        take(null, messageOf(error, trans));
      }
    );
    return () => {
      wanted = false;
    };
  }, [model, trans, repo]);
  return choices.repo === repo ? choices : { repo, value: null, problem: '' };
}
