import type { IWorktreeChoices } from '../rest/types';

/** What stands against a branch's name. */
export type BranchProblem = 'missing' | 'invalid' | 'checked_out' | 'exists';

/**
 * Look at the name of the branch of a new worktree.
 *
 * A branch that exists can be checked out, in no second place, and not begun at another commit.
 */
export function branchProblem(
  name: string,
  base: string,
  choices: Pick<IWorktreeChoices, 'branches' | 'checked_out'> | null
): BranchProblem | null {
  if (name === '') {
    return 'missing';
  }
  if (!isBranchName(name)) {
    return 'invalid';
  }
  if (choices?.checked_out.includes(name)) {
    return 'checked_out';
  }
  return base !== '' && choices?.branches.includes(name) ? 'exists' : null;
}

/** The rules of `git check-ref-format --branch` (git 2.39). */
export function isBranchName(name: string): boolean {
  const forbidden = /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$|^@$|^HEAD$/;
  return (
    name !== '' &&
    !forbidden.test(name) &&
    name.split('/').every(part => !part.startsWith('.') && !part.endsWith('.lock'))
  );
}

/** Where a new worktree lies unless a path is given. */
export function defaultPath(directory: string, branch: string): string {
  return `${directory.replace(/\/$/, '')}/${branch.replaceAll('/', '-')}`;
}
