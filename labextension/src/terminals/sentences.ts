import type { TranslationBundle } from '@jupyterlab/translation';

import type { ISession } from '../rest/types';
import type { TabState } from './tabState';

/** How an agent ended: "Claude ended (exit code 1)." */
function endedSentence(
  trans: TranslationBundle,
  name: string,
  session: Pick<ISession, 'exit_code'>
): string {
  return session.exit_code === null || session.exit_code === 0
    ? trans.__('%1 ended.', name)
    : trans.__('%1 ended (exit code %2).', name, session.exit_code);
}

/**
 * What a tab says of its session's state; null while there is nothing to say.
 *
 * @param name - what the agent is called
 * @param seen - whether it was seen running in this tab
 */
export function stateSentence(
  trans: TranslationBundle,
  name: string,
  state: TabState,
  seen: boolean
): string | null {
  switch (state.kind) {
    case 'waiting':
    case 'live':
      return null;
    case 'ended':
      return endedSentence(trans, name, state.session);
    case 'gone':
      return seen
        ? trans.__('%1 was stopped.', name)
        : trans.__('%1 does not run any more: it was stopped.', name);
    case 'elsewhere':
      return trans.__('%1 runs in a terminal that does not belong to this server.', name);
    case 'lost':
      return trans.__(
        'Connection lost; it is tried again until the server answers. The agent goes on meanwhile.'
      );
    case 'unread':
      return state.message;
  }
}

/** What the tab says of the credentials that its session runs with. */
export function sharingSentence(trans: TranslationBundle, shared: boolean): string {
  return shared
    ? trans.__('Agent credentials are shared across containers.')
    : trans.__('Sign-in ends with this container');
}
