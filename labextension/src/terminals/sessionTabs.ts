import type { JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import type { Widget } from '@lumino/widgets';

import { sessionTitle, shownAgent } from '../model/names';
import type { ISession } from '../rest/types';
import type { ISessionTabs } from '../tokens';
import { type ISavedTab, savedTab } from './savedTab';
import { type ITabContext, SessionTab } from './sessionTab';

/** The tabs of sessions in JupyterLab's main area. */
export class SessionTabs implements ISessionTabs {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly context: ITabContext
  ) {}

  readonly tracker = new WidgetTracker<SessionTab>({ namespace: 'agentauth-session' });

  get current(): string | null {
    const tab = this.tracker.currentWidget;
    return tab !== null && tab === this.app.shell.currentWidget ? tab.session : null;
  }

  show(session: ISession): Promise<Widget | null> {
    const { model, trans } = this.context;
    const title = sessionTitle(
      session,
      shownAgent(session.agent, model.agent(session.agent), trans),
      model.worktree(session.worktree)
    );
    return Promise.resolve(this.showSaved(savedTab(session, title)));
  }

  /** Show a session of which only what was kept over a reload is known. */
  showSaved(saved: ISavedTab): SessionTab {
    const tab = this.find(saved.session) ?? this.add(saved);
    this.app.shell.activateById(tab.id);
    return tab;
  }

  async restarting(
    session: string,
    restart: (saved: ISavedTab | null) => Promise<ISession | null>
  ): Promise<ISession | null> {
    const tab = this.find(session);
    if (tab) {
      tab.isBusy = true;
    }
    try {
      const next = await restart(tab?.saved ?? null);
      if (next !== null && tab?.isDisposed === false) {
        tab.adopt(next);
      }
      return next;
    } finally {
      if (tab?.isDisposed === false) {
        tab.isBusy = false;
      }
    }
  }

  private find(session: string): SessionTab | undefined {
    return this.tracker.find(tab => tab.session === session);
  }

  private add(saved: ISavedTab): SessionTab {
    const tab = new SessionTab(this.context, saved);
    tab.savedChanged.connect(() => void this.tracker.save(tab));
    this.app.shell.add(tab, 'main', { type: 'Terminal' });
    void this.tracker.add(tab);
    // Nothing is read while the page is still being restored.
    void this.app.restored.then(() =>
      this.context.model.want('settings', 'agents', 'sessions', 'worktrees')
    );
    return tab;
  }
}
