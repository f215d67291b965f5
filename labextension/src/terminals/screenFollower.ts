import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { AgentAuthModel } from '../model/model';
import type { SessionScreen } from './sessionScreen';
import { type TabState, tabState } from './tabState';

/** Between a lost connection and the next attempt, in ms. */
const FIRST_DELAY = 250;
const LONGEST_DELAY = 15_000;

/** Keeps a screen connected to the terminal of its session, while there is one. */
export class ScreenFollower implements IDisposable {
  /**
   * @param changed - called with each change of what is to be said of the session
   */
  constructor(
    private readonly model: AgentAuthModel,
    private readonly screen: SessionScreen,
    private session: string,
    private readonly changed: () => void
  ) {
    model.changed.connect(this.follow, this);
    screen.stateChanged.connect(this.onConnection, this);
  }

  get state(): TabState {
    return this._state;
  }

  /** Whether the session was seen running here. */
  get wasSeen(): boolean {
    return this._wasSeen;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Follow another session from now on. */
  adopt(session: string): void {
    this.session = session;
    this._wasSeen = false;
    this.follow();
  }

  /** Bring the screen into the state that its session has now. */
  follow(): void {
    if (this.isDisposed) {
      return;
    }
    const { model, screen } = this;
    if (this._state.kind === 'lost') {
      this.endPause();
    }
    this._state = tabState(this.session, model.server, model.state.sessions);
    if (this._state.kind === 'live') {
      this._wasSeen = true;
      // A terminal has its true size only where it is seen, and tells it to the agent.
      if (screen.isVisible && this.pause === 0) {
        screen.connect(this._state.terminal);
      }
    } else if (this._state.kind === 'ended' || this._state.kind === 'gone') {
      screen.disconnect();
    }
    this.changed();
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._isDisposed = true;
      this.endPause();
      Signal.clearData(this);
    }
  }

  /** The connection was made, or lost: then the server is asked how the session is. */
  private onConnection(screen: SessionScreen): void {
    if (this.isDisposed) {
      return;
    }
    if (screen.state === 'connected') {
      this.delay = FIRST_DELAY;
    } else if (screen.state === 'lost' && this._state.kind === 'live') {
      this.endPause();
      this.pause = window.setTimeout(() => {
        this.pause = 0;
        void this.model.read('sessions');
      }, this.delay);
      this.delay = Math.min(2 * this.delay, LONGEST_DELAY);
    }
    this.changed();
  }

  private endPause(): void {
    window.clearTimeout(this.pause);
    this.pause = 0;
  }

  private _state: TabState = { kind: 'waiting' };
  private _wasSeen = false;
  private _isDisposed = false;
  private pause = 0;
  private delay = FIRST_DELAY;
}
