import { MainAreaWidget } from '@jupyterlab/apputils';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { type ISignal, Signal } from '@lumino/signaling';

import { agentIcon } from '../icons/icons';
import type { AgentAuthModel } from '../model/model';
import {
  sessionTitle,
  shortTitle,
  type ShownAgent,
  shownAgent,
  worktreeName
} from '../model/names';
import type { ISession } from '../rest/types';
import { visible } from '../text/visible';
import { CommandIDs, type ISessionScreens } from '../tokens';
import { type ISavedTab, savedTab } from './savedTab';
import { stateSentence } from './sentences';
import { ScreenFollower } from './screenFollower';
import { fillToolbar, type IToolbarState } from './sessionToolbar';
import { SessionView } from './sessionView';

/** What all tabs are made with. */
export interface ITabContext {
  readonly model: AgentAuthModel;
  readonly commands: CommandRegistry;
  readonly screens: ISessionScreens;
  readonly translator: ITranslator;
  readonly trans: TranslationBundle;
}

/**
 * The tab of a session: it follows the server's state, connects to the session's terminal while
 * there is one, and stays when the session ends.
 */
export class SessionTab extends MainAreaWidget<SessionView> {
  constructor(
    private readonly context: ITabContext,
    saved: ISavedTab
  ) {
    const screen = context.screens.create();
    super({
      content: new SessionView(screen, () => {
        this.follower.follow();
      }),
      translator: context.translator
    });
    this._saved = saved;
    this.addClass('jp-AgentAuth-tab');
    fillToolbar(
      this.toolbar,
      context.commands,
      context.trans,
      () => this.toolbarState(),
      this._changed
    );
    this.follower = new ScreenFollower(context.model, screen, saved.session, () => {
      this.showState();
    });
    this.follower.follow();
  }

  /** What is kept over a reload. */
  get saved(): ISavedTab {
    return this._saved;
  }

  /** The session that it shows. */
  get session(): string {
    return this._saved.session;
  }

  /** Emitted when what is kept over a reload has changed. */
  get savedChanged(): ISignal<this, void> {
    return this._savedChanged;
  }

  /** Show another session from now on: the one that follows after a restart. */
  adopt(session: ISession): void {
    this._saved = savedTab(session, this._saved.title);
    this._savedChanged.emit();
    this.follower.adopt(session.id);
    // Where it was restarted from another place, the focus stays there.
    const focused = document.activeElement;
    if (this.isVisible && (focused === document.body || this.node.contains(focused))) {
      this.content.screen.activate();
    }
  }

  /** Say that a restart is under way. */
  set isBusy(busy: boolean) {
    this._isBusy = busy;
    this.follower.follow();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.follower.dispose();
      super.dispose();
      Signal.clearData(this);
    }
  }

  /** Show the state that its session has now. */
  private showState(): void {
    this.name();
    this.say();
    this._changed.emit();
  }

  private name(): void {
    const { model, trans } = this.context;
    const { worktree, profile } = this._saved;
    const { agent } = this;
    const isRead = model.state.agents.value !== null && model.state.worktrees.value !== null;
    const title = isRead
      ? sessionTitle(this._saved, agent, model.worktree(worktree))
      : this._saved.title;
    this.title.label = title;
    this.showIcon(agentIcon(agent));
    this.title.caption = trans.__('%1 in %2\nProfile: %3', agent.title, visible(worktree), profile);
    if (title !== this._saved.title) {
      this._saved = { ...this._saved, title };
      this._savedChanged.emit();
    }
  }

  private showIcon(icon: LabIcon): void {
    if (icon !== this.icon) {
      this.icon = icon;
      this.title.icon = icon.bindprops({ stylesheet: 'mainAreaTab' });
    }
  }

  private say(): void {
    const { trans, commands } = this.context;
    const { state, wasSeen } = this.follower;
    const session = state.kind === 'ended' ? state.session : null;
    this.content.say({
      trans,
      sentence: stateSentence(trans, shortTitle(this.agent), state, wasSeen),
      problem: session?.problem ?? null,
      lastLines: this.content.screen.isShown ? [] : (session?.last_lines ?? []),
      ended: state.kind === 'ended' || state.kind === 'gone',
      busy: this._isBusy,
      restart: () => {
        void commands.execute(CommandIDs.restart, { session: this.session });
      },
      close: () => {
        this.close();
      }
    });
  }

  private toolbarState(): IToolbarState {
    const { model } = this.context;
    const { state } = this.follower;
    const { session, worktree, profile, share_auth } = this._saved;
    return {
      session,
      worktree,
      agent: this.agent.title,
      profile: profile === 'default' ? null : profile,
      branch: worktreeName(worktree, model.worktree(worktree)),
      shared: share_auth,
      isRunning: state.kind === 'live' || state.kind === 'elsewhere',
      isBusy: this._isBusy
    };
  }

  private get agent(): ShownAgent {
    const { model, trans } = this.context;
    const { agent } = this._saved;
    return shownAgent(agent, model.agent(agent), trans);
  }

  private readonly follower: ScreenFollower;
  private icon: LabIcon | null = null;
  private _isBusy = false;
  private _saved: ISavedTab;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _savedChanged = new Signal<this, void>(this);
}
