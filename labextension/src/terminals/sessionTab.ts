import { MainAreaWidget } from '@jupyterlab/apputils';
import type { Terminal } from '@jupyterlab/services';
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
import { CommandIDs } from '../tokens';
import { type ISavedTab, savedTab } from './savedTab';
import { stateSentence } from './sentences';
import { SessionScreen } from './sessionScreen';
import { fillToolbar, type IToolbarState } from './sessionToolbar';
import { SessionView } from './sessionView';
import { type TabState, tabState } from './tabState';
import type { TerminalOptions } from './terminalOptions';

/** Between a lost connection and the next attempt, in ms. */
const FIRST_DELAY = 250;
const LONGEST_DELAY = 15_000;

/** What all tabs are made with. */
export interface ITabContext {
  readonly model: AgentAuthModel;
  readonly commands: CommandRegistry;
  readonly terminals: Terminal.IManager;
  readonly options: TerminalOptions;
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
    const screen = new SessionScreen(context.terminals, context.options, context.translator);
    super({
      content: new SessionView(screen, () => {
        this.follow();
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
    context.model.changed.connect(this.follow, this);
    screen.stateChanged.connect(this.onConnection, this);
    this.follow();
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
    this.wasSeen = false;
    this._saved = savedTab(session, this._saved.title);
    this._savedChanged.emit();
    this.follow();
    // Where it was restarted from another place, the focus stays there.
    const focused = document.activeElement;
    if (this.isVisible && (focused === document.body || this.node.contains(focused))) {
      this.content.screen.activate();
    }
  }

  /** Say that a restart is under way. */
  set isBusy(busy: boolean) {
    this._isBusy = busy;
    this.follow();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.endPause();
      super.dispose();
      Signal.clearData(this);
    }
  }

  /** Bring the tab into the state that its session has now. */
  private follow(): void {
    if (this.isDisposed) {
      return;
    }
    const { model } = this.context;
    if (this.state.kind === 'lost') {
      this.endPause();
    }
    this.state = tabState(this.session, model.server, model.state.sessions);
    const { screen } = this.content;
    if (this.state.kind === 'live') {
      this.wasSeen = true;
      // A terminal has its true size only where it is seen, and tells it to the agent.
      if (this.content.isVisible && this.pause === 0) {
        screen.connect(this.state.terminal);
      }
    } else if (this.state.kind === 'ended' || this.state.kind === 'gone') {
      screen.disconnect();
    }
    this.name();
    this.say();
    this._changed.emit();
  }

  /** The connection was made, or lost: then the server is asked how the session is. */
  private onConnection(screen: SessionScreen): void {
    if (this.isDisposed) {
      return;
    }
    if (screen.state === 'connected') {
      this.delay = FIRST_DELAY;
    } else if (screen.state === 'lost' && this.state.kind === 'live') {
      this.endPause();
      this.pause = window.setTimeout(() => {
        this.pause = 0;
        void this.context.model.read('sessions');
      }, this.delay);
      this.delay = Math.min(2 * this.delay, LONGEST_DELAY);
    }
    this.say();
  }

  private endPause(): void {
    window.clearTimeout(this.pause);
    this.pause = 0;
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
    this.title.caption = trans.__('%1 in %2\nProfile: %3', agent.title, worktree, profile);
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
    const { state } = this;
    const session = state.kind === 'ended' ? state.session : null;
    this.content.say({
      trans,
      sentence: stateSentence(trans, shortTitle(this.agent), state, this.wasSeen),
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
    const { session, worktree, profile, share_auth } = this._saved;
    return {
      session,
      worktree,
      agent: this.agent.title,
      profile: profile === 'default' ? null : profile,
      branch: worktreeName(worktree, model.worktree(worktree)),
      shared: share_auth,
      isRunning: this.state.kind === 'live' || this.state.kind === 'elsewhere',
      isBusy: this._isBusy
    };
  }

  private get agent(): ShownAgent {
    const { model, trans } = this.context;
    const { agent } = this._saved;
    return shownAgent(agent, model.agent(agent), trans);
  }

  private state: TabState = { kind: 'waiting' };
  private icon: LabIcon | null = null;
  private wasSeen = false;
  private pause = 0;
  private delay = FIRST_DELAY;
  private _isBusy = false;
  private _saved: ISavedTab;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _savedChanged = new Signal<this, void>(this);
}
