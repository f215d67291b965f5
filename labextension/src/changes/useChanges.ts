import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { AgentAuthModel } from '../model/model';
import { messageOf } from '../rest/messageOf';
import type { IChanges } from '../rest/types';

export type Since = IChanges['since'];

interface IAnswer {
  /** The last ones that were read, of whichever beginning. */
  readonly value: IChanges | null;
  /** Why they could not be read the last time; empty when they could. */
  readonly problem: string;
  /** What was asked. */
  readonly question: string;
}

interface IRead extends IAnswer {
  readonly reading: boolean;
}

/**
 * What changed in a worktree; read again when `stamp` changes, and by the function returned.
 *
 * @param stamp - what the model knows of the worktree's state
 */
export function useChanges(
  model: AgentAuthModel,
  trans: TranslationBundle,
  path: string,
  since: Since,
  stamp: string
): [IRead, () => void] {
  const [answer, setAnswer] = React.useState<IAnswer>({ value: null, problem: '', question: '' });
  const [asked, setAsked] = React.useState(0);
  const question = [path, since, stamp, asked].join('\n');
  React.useEffect(() => {
    let wanted = true;
    model.api.worktreeChanges(path, since).then(
      value => {
        if (wanted) {
          setAnswer({ value, problem: '', question });
        }
      },
      (error: unknown) => {
        if (wanted) {
          const problem = messageOf(error, trans);
          setAnswer(before => ({ ...before, problem, question }));
        }
      }
    );
    return () => {
      wanted = false;
    };
  }, [model, trans, path, since, question]);
  const again = React.useCallback(() => {
    setAsked(count => count + 1);
  }, []);
  return [{ ...answer, reading: answer.question !== question }, again];
}
