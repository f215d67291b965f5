import type { TranslationBundle } from '@jupyterlab/translation';

import type { ISession } from '../rest/types';

/** A session's state in words. */
export function stateText(session: ISession, trans: TranslationBundle): string {
  switch (session.state) {
    case 'starting':
      return trans.__('starting');
    case 'running':
      return trans.__('running');
    case 'paused':
      return trans.__('paused');
    case 'exited':
      return session.exit_code === null
        ? trans.__('ended')
        : trans.__('ended, exit code %1', session.exit_code);
  }
}

/** Whether its sign-in is shared, in words. */
export function sharingText(session: ISession, trans: TranslationBundle): string {
  return session.share_auth ? trans.__('sharing on') : trans.__('sharing off');
}
