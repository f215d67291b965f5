import { Notification } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { sessionTitle, shownAgent } from '../model/names';
import type { AgentAuthModel } from '../model/model';
import type { ISession } from '../rest/types';
import type { ISessionTabs } from '../tokens';
import type { ISavedTab } from './savedTab';

/** Where the page has no tabs of its own (Notebook 7): the browser's. */
export class BrowserTabs implements ISessionTabs {
  constructor(
    private readonly model: AgentAuthModel,
    private readonly trans: TranslationBundle
  ) {}

  readonly current = null;

  show(session: ISession): Promise<null> {
    const { model, trans } = this;
    const title = sessionTitle(
      session,
      shownAgent(session.agent, model.agent(session.agent), trans),
      model.worktree(session.worktree)
    );
    if (session.terminal === null) {
      Notification.info(trans.__('%1 has no terminal of this server.', title));
      return Promise.resolve(null);
    }
    const address = URLExt.join(
      PageConfig.getBaseUrl(),
      'terminals',
      encodeURIComponent(session.terminal)
    );
    // A browser may refuse a window that opens so long after the click.
    if (window.open(address, `agentauth-${session.id}`) === null) {
      Notification.info(trans.__('%1 runs.', title), {
        autoClose: false,
        actions: [
          {
            label: trans.__('Show its terminal'),
            callback: () => {
              window.open(address, `agentauth-${session.id}`);
            }
          }
        ]
      });
    }
    return Promise.resolve(null);
  }

  async restarting(
    _: string,
    restart: (saved: ISavedTab | null) => Promise<ISession | null>
  ): Promise<ISession | null> {
    const next = await restart(null);
    if (next !== null) {
      await this.show(next);
    }
    return next;
  }
}
