import type { ICarry, INewWorktree, IWorktreeChoices } from '../rest/types';
import { branchProblem, type BranchProblem, defaultPath } from './branchNames';

/** A new worktree as it is being entered. */
export interface IWorktreeDraft {
  readonly repo: string;
  readonly branch: string;
  /** Empty for where the repository is now. */
  readonly base: string;
  /** Empty for the default one. */
  readonly path: string;
  readonly carry: readonly ICarry[];
}

export function draftOf(given: Partial<INewWorktree>, repo: string): IWorktreeDraft {
  return {
    repo: given.repo ?? repo,
    branch: given.branch ?? '',
    base: given.base ?? '',
    path: given.path ?? '',
    carry: given.carry ?? []
  };
}

/** What is wrong with a draft. */
export function draftProblems(
  draft: IWorktreeDraft,
  choices: IWorktreeChoices | null
): { readonly branch: BranchProblem | null; readonly repo: boolean } {
  return {
    branch: branchProblem(draft.branch, draft.base, choices),
    repo: draft.repo === ''
  };
}

/** What is asked of the server; null while something is wrong. */
export function wantedOf(
  draft: IWorktreeDraft,
  choices: IWorktreeChoices | null
): INewWorktree | null {
  const problems = draftProblems(draft, choices);
  if (problems.repo || problems.branch !== null) {
    return null;
  }
  return {
    repo: draft.repo,
    branch: draft.branch,
    ...(draft.base === '' ? {} : { base: draft.base }),
    ...(draft.path === '' ? {} : { path: draft.path }),
    ...(draft.carry.length === 0 ? {} : { carry: draft.carry })
  };
}

/** Where it will lie; empty while that is not known. */
export function placeOf(draft: IWorktreeDraft, choices: IWorktreeChoices | null): string {
  return choices === null || draft.branch === ''
    ? ''
    : defaultPath(choices.directory, draft.branch);
}

/** The carried ones, with one of them changed; null for one that is not to be carried. */
export function carrying(
  carry: readonly ICarry[],
  path: string,
  how: ICarry['how'] | null
): readonly ICarry[] {
  const others = carry.filter(one => one.path !== path);
  return how === null ? others : [...others, { path, how }];
}
