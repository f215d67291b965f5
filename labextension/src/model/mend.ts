/** What a page can do about a problem whose mend is a command or a line of configuration. */
export type Mend =
  | { readonly kind: 'build' }
  /** A command for a terminal of the server's machine. */
  | { readonly kind: 'command'; readonly command: string }
  /** A line for `jupyter_server_config.py`. */
  | { readonly kind: 'configuration'; readonly line: string };

/** What to offer for a mend that the server names; null when it names none. */
export function mendFor(mend: string | null): Mend | null {
  if (mend === null) {
    return null;
  }
  if (/^jupyter agentauth image (build|update)$/.test(mend)) {
    return { kind: 'build' };
  }
  return mend.startsWith('c.')
    ? { kind: 'configuration', line: mend }
    : { kind: 'command', command: mend };
}
