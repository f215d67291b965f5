import type { ISession } from '../rest/types';

/** Those that run, the newest first, and then those that ended. */
export function inOrder(sessions: readonly ISession[]): readonly ISession[] {
  return [...sessions].sort(
    (one, other) =>
      Number(hasEnded(one)) - Number(hasEnded(other)) ||
      other.started.localeCompare(one.started) ||
      one.id.localeCompare(other.id)
  );
}

export function hasEnded(session: Pick<ISession, 'state'>): boolean {
  return session.state === 'exited';
}

/** A worktree's sessions that run: those that it lists, or that lie in it. */
export function runningIn(
  worktree: { readonly path: string; readonly sessions: readonly string[] },
  sessions: readonly ISession[]
): readonly ISession[] {
  return sessions.filter(
    session =>
      !hasEnded(session) &&
      (worktree.sessions.includes(session.id) || session.worktree === worktree.path)
  );
}
