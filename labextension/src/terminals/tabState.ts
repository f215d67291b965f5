import type { IState, ServerState } from '../model/model';
import type { ISession } from '../rest/types';

/** What a session's tab has to show. */
export type TabState =
  /** Nothing is known of it yet. */
  | { readonly kind: 'waiting' }
  /** It runs in a terminal of this name. */
  | { readonly kind: 'live'; readonly terminal: string }
  /** It runs, and this server has no terminal of it. */
  | { readonly kind: 'elsewhere' }
  /** It ended, and the server knows how. */
  | { readonly kind: 'ended'; readonly session: ISession }
  /** The server knows no such session: it was stopped. */
  | { readonly kind: 'gone' }
  /** The server does not answer. */
  | { readonly kind: 'lost' }
  /** Sessions cannot be read. */
  | { readonly kind: 'unread'; readonly message: string };

/** The state of the tab of a session, as far as the server's state is known. */
export function tabState(
  id: string,
  server: ServerState,
  { value, error }: IState['sessions']
): TabState {
  if (server === 'lost') {
    return { kind: 'lost' };
  }
  if (value === null) {
    return error === null ? { kind: 'waiting' } : { kind: 'unread', message: error.message };
  }
  const session = value.find(each => each.id === id);
  if (session === undefined) {
    return { kind: 'gone' };
  }
  if (session.state === 'exited') {
    return { kind: 'ended', session };
  }
  return session.terminal === null
    ? { kind: 'elsewhere' }
    : { kind: 'live', terminal: session.terminal };
}
