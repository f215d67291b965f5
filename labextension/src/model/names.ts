import type { TranslationBundle } from '@jupyterlab/translation';

import type { IAgent, ISession, IWorktree } from '../rest/types';
import { visible } from '../text/visible';

/** The shell in the same walls; it is in no table of agents. */
export const SHELL = 'bash';

export type ShownAgent = Pick<IAgent, 'name' | 'title' | 'icon'>;

/** An agent as it is shown; one that is in no table (a shell, a command) is called by its name. */
export function shownAgent(
  name: string,
  known: ShownAgent | null,
  trans: TranslationBundle
): ShownAgent {
  return name === SHELL
    ? (known ?? { name, title: trans.__('Shell'), icon: 'shell' })
    : (known ?? { name, title: visible(name), icon: '' });
}

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
  return visible(worktree?.branch ?? path.slice(path.lastIndexOf('/') + 1));
}

/** The title of a session's tab: "Claude · fix-typo". */
export function sessionTitle(
  session: Pick<ISession, 'worktree'>,
  agent: Pick<IAgent, 'name' | 'title'>,
  worktree: Pick<IWorktree, 'branch'> | null
): string {
  return `${shortTitle(agent)} · ${worktreeName(session.worktree, worktree)}`;
}
