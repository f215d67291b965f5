import type { IWorktree } from '../rest/types';
import { visible } from '../text/visible';

/** A repository, as its worktrees show it. */
export interface IRepository {
  /** The path of its main worktree. */
  readonly path: string;
  /** That directory's name. */
  readonly name: string;
  /** The main one first, then by branch. */
  readonly worktrees: readonly IWorktree[];
}

/** Group worktrees by their repository; repositories by name. */
export function groupByRepository(worktrees: readonly IWorktree[]): readonly IRepository[] {
  const groups = new Map<string, IWorktree[]>();
  for (const worktree of worktrees) {
    groups.set(worktree.repo, [...(groups.get(worktree.repo) ?? []), worktree]);
  }
  return [...groups]
    .map(([path, members]) => ({
      path,
      name: directoryName(path),
      worktrees: members.sort(
        (one, other) =>
          Number(other.main) - Number(one.main) ||
          (one.branch ?? '').localeCompare(other.branch ?? '') ||
          one.path.localeCompare(other.path)
      )
    }))
    .sort((one, other) => one.name.localeCompare(other.name) || one.path.localeCompare(other.path));
}

/** The last part of a path, as it is shown. */
export function directoryName(path: string): string {
  return visible(path.slice(path.lastIndexOf('/') + 1) || path);
}
