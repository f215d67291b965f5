import type { IAgent } from '../rest/types';
import { SHELL } from './names';

/** What tiles and menus open: each agent in the server's order, and a shell in the same walls. */
export function launcherItems(agents: readonly IAgent[] | null): readonly string[] {
  if (agents === null) {
    return [];
  }
  const names = agents.map(agent => agent.name).filter(name => name !== SHELL);
  return [...names, SHELL];
}
