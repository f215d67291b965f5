import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { ISession } from '../rest/types';

/** What is kept of a tab over a reload, and with what its session can be opened anew. */
export interface ISavedTab {
  readonly session: string;
  readonly agent: string;
  readonly worktree: string;
  readonly profile: string;
  readonly share_auth: boolean;
  /** The tab's, until the state has been read. */
  readonly title: string;
}

export function savedTab(session: ISession, title: string): ISavedTab {
  const { id, agent, worktree, profile, share_auth } = session;
  return { session: id, agent, worktree, profile, share_auth, title };
}

/** The saved tab that a command's arguments hold; null when they name no session and agent. */
export function parseSavedTab(args: ReadonlyPartialJSONObject): ISavedTab | null {
  const text = (key: string): string => (typeof args[key] === 'string' ? args[key] : '');
  if (text('session') === '' || text('agent') === '') {
    return null;
  }
  return {
    session: text('session'),
    agent: text('agent'),
    worktree: text('worktree'),
    profile: text('profile') || 'default',
    share_auth: args.share_auth === true,
    title: text('title') || text('agent')
  };
}
