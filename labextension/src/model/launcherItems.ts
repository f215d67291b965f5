import type { IAgent } from '../rest/types';
import { SHELL } from './names';

/** A tile of the launcher. */
export interface ILauncherItem {
  /** The agent's name, or the command `bash`. */
  readonly agent: string;
  readonly rank: number;
}

/** The tiles: one for each agent in the server's order, and one for a shell in the same walls. */
export function launcherItems(agents: readonly IAgent[] | null): readonly ILauncherItem[] {
  if (agents === null) {
    return [];
  }
  const names = agents.map(agent => agent.name).filter(name => name !== SHELL);
  return [...names, SHELL].map((agent, rank) => ({ agent, rank }));
}
