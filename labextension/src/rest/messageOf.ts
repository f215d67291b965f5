import type { TranslationBundle } from '@jupyterlab/translation';

import { RequestError } from './requestError';

/** What to tell of an error: the server's sentence, or, where it said none, one of ours. */
export function messageOf(error: unknown, trans: TranslationBundle): string {
  switch (error instanceof RequestError ? error.reason : '') {
    case 'unreachable':
      return trans.__('The server does not answer.');
    case 'unreadable':
      return trans.__('The answer of the server cannot be read.');
    case 'no_extension':
      return trans.__('The server has no agents extension.');
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
