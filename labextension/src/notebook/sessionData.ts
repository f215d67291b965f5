import { visible } from '../text/visible';

/** The output of `%agent`; the kernel's side is `jupyter_agentauth/kernel/show.py`. */
export const SESSION_MIME = 'application/vnd.jupyter-agentauth.session+json';

/** The comm by which a kernel tells the page that a session is to be shown. */
export const COMM_TARGET = 'jupyter-agentauth';

/** A session that a notebook's output names. */
export interface INamedSession {
  readonly session: string;
  /** Text, of whoever made the notebook. */
  readonly title: string;
}

/** What a kernel asks for. */
export interface IWish {
  readonly kind: 'show' | 'inline';
  readonly session: string;
}

const ID = /^[0-9a-f]{12}$/;
const LONGEST_TITLE = 200;

/** What an output says; null where it names no session. Anybody may have written it. */
export function parseNamedSession(data: unknown): INamedSession | null {
  const session = idIn(data, 'session');
  if (session === null) {
    return null;
  }
  const { title } = data as { readonly title?: unknown };
  const text = typeof title === 'string' ? visible(title.slice(0, LONGEST_TITLE)) : '';
  return { session, title: text };
}

/** What a comm asks for; null where it is nothing that we know. */
export function parseWish(data: unknown): IWish | null {
  for (const kind of ['show', 'inline'] as const) {
    const session = idIn(data, kind);
    if (session !== null) {
      return { kind, session };
    }
  }
  return null;
}

function idIn(data: unknown, key: string): string | null {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) {
    return null;
  }
  const value = (data as Record<string, unknown>)[key];
  return typeof value === 'string' && ID.test(value) ? value : null;
}
