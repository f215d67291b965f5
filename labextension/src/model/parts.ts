import type { IAgentAuthEvent } from '../rest/events';

/** What the model holds, each read by one request. */
export type Part = 'agents' | 'settings' | 'worktrees' | 'sessions' | 'image' | 'checks';

/** Which parts an event of the server makes stale. */
const STALE: Readonly<Record<string, readonly Part[]>> = {
  session: ['sessions', 'worktrees'],
  image: ['image', 'agents', 'checks'],
  settings: ['settings', 'agents', 'checks'],
  agent: ['agents'],
  worktree: ['worktrees'],
  engine: ['agents', 'sessions', 'image', 'checks', 'worktrees']
};

/** What to read again after an event. */
export function staleAfter(event: IAgentAuthEvent): readonly Part[] {
  return STALE[event.kind] ?? [];
}
