import type { IAgent, ISession, IWorktree } from '../rest/types';

/**
 * What an agent is called on a tab: the word of its title that is its name ("Claude Code" is
 * "Claude", "GitHub Copilot" is "Copilot"), or the whole title.
 */
export function shortTitle(agent: Pick<IAgent, 'name' | 'title'>): string {
  const words = agent.title.split(' ');
  const name = words.find(word => word.toLowerCase() === agent.name);
  return name ?? (agent.title === '' ? agent.name : agent.title);
}

/** What a worktree is called: its branch, or else its directory's name. */
export function worktreeName(path: string, worktree: Pick<IWorktree, 'branch'> | null): string {
  return worktree?.branch ?? path.slice(path.lastIndexOf('/') + 1);
}

/** The title of a session's tab: "Claude · fix-typo". */
export function sessionTitle(
  session: Pick<ISession, 'agent' | 'worktree'>,
  agent: Pick<IAgent, 'name' | 'title'> | null,
  worktree: Pick<IWorktree, 'branch'> | null
): string {
  const name = agent ? shortTitle(agent) : session.agent;
  return `${name} · ${worktreeName(session.worktree, worktree)}`;
}
