import type { TranslationBundle } from '@jupyterlab/translation';

import type { ServerState } from '../model/model';
import { stateSentence } from '../terminals/sentences';
import type { TabState } from '../terminals/tabState';

/** What the line of a session in an output says of it; null while it runs here. */
export function lineSentence(
  trans: TranslationBundle,
  name: string,
  state: TabState,
  server: ServerState
): string | null {
  if (server === 'missing') {
    return trans.__('This server runs no agents.');
  }
  return state.kind === 'gone'
    ? trans.__('This server does not know the session: it was stopped, or ran elsewhere.')
    : stateSentence(trans, name, state, false);
}
