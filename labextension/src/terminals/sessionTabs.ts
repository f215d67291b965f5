import type { JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
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

  show(session: ISession, beside?: Widget): Promise<Widget | null> {
    const { model, trans } = this.context;
    const title = sessionTitle(
      session,
      shownAgent(session.agent, model.agent(session.agent), trans),
      model.worktree(session.worktree)
    );
    return Promise.resolve(this.showSaved(savedTab(session, title), beside));
  }

  /** Show a session of which only what was kept over a reload is known. */
  showSaved(saved: ISavedTab, beside?: Widget): SessionTab {
    const tab = this.find(saved.session) ?? this.add(saved, beside);
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

  /** The first is put right of something, further ones beside the first. */
  private place(tab: SessionTab, beside?: Widget): DocumentRegistry.IOpenOptions {
    if (beside === undefined) {
      return {};
    }
    const before = this.besides.get(beside);
    this.besides.set(beside, tab);
    return before?.isAttached === true
      ? { mode: 'tab-after', ref: before.id }
      : { mode: 'split-right', ref: beside.id };
  }

  private find(session: string): SessionTab | undefined {
    return this.tracker.find(tab => tab.session === session);
  }

  private add(saved: ISavedTab, beside?: Widget): SessionTab {
    const tab = new SessionTab(this.context, saved);
    tab.savedChanged.connect(() => void this.tracker.save(tab));
    this.app.shell.add(tab, 'main', { type: 'Terminal', ...this.place(tab, beside) });
    void this.tracker.add(tab);
    // Nothing is read while the page is still being restored.
    void this.app.restored.then(() =>
      this.context.model.want('settings', 'agents', 'sessions', 'worktrees')
    );
    return tab;
  }

  /** The tab that was put right of something last. */
  private readonly besides = new WeakMap<Widget, SessionTab>();
}
