import type { IAgent } from '../rest/types';

/** Whether a profile may be called so; the same rule as the server's. */
export function isProfileName(name: string): boolean {
  return /^[a-z0-9][a-z0-9_.-]{0,63}$/.test(name);
}

/** The profiles that agents have, and the chosen one; the default one first. */
export function knownProfiles(agents: readonly IAgent[], chosen: string): readonly string[] {
  const names = agents.flatMap(agent => agent.profiles.map(profile => profile.name));
  const others = new Set([...names, chosen]);
  others.delete('default');
  others.delete('');
  return ['default', ...[...others].sort()];
}
