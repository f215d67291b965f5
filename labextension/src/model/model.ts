import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { IApi } from '../rest/api';
import type { IAgentAuthEvent, IEventSource } from '../rest/events';
import { RequestError } from '../rest/requestError';
import type {
  IAgent,
  IBuildRequest,
  ICheck,
  IImage,
  ILaunchRequest,
  INewWorktree,
  ISession,
  ISettings,
  IWorktree
} from '../rest/types';
import type { IBuild } from './build';
import { BuildFollower } from './buildFollower';
import { type Part, staleAfter } from './parts';

/** One part of the server's state, as it was read last. */
export interface ILoaded<T> {
  /** Null until it was read; the last one known while it cannot be read. */
  readonly value: T | null;
  /** Why it could not be read the last time. */
  readonly error: RequestError | null;
}

/** What the model holds. */
export interface IState {
  readonly agents: ILoaded<readonly IAgent[]>;
  readonly settings: ILoaded<ISettings>;
  readonly worktrees: ILoaded<readonly IWorktree[]>;
  readonly sessions: ILoaded<readonly ISession[]>;
  readonly image: ILoaded<IImage>;
  readonly checks: ILoaded<readonly ICheck[]>;
}

/**
 * - `unknown`: not asked yet
 * - `there`
 * - `missing`: the server has no such extension
 * - `lost`: it does not answer any more
 */
export type ServerState = 'unknown' | 'there' | 'missing' | 'lost';

const UNREAD = { value: null, error: null };

/**
 * The server's state, and what can be done with it. The one place where this page keeps it.
 *
 * Nothing is polled: an event of the server says which part is stale, and that part is read
 * again, if somebody wanted it before. After a lost connection all of those are.
 */
export class AgentAuthModel {
  constructor(
    readonly api: IApi,
    private readonly events: IEventSource
  ) {
    this.follower = new BuildFollower(
      api,
      () => {
        this._changed.emit();
      },
      () => this.readWanted('image', 'agents', 'checks')
    );
    events.happened = event => {
      this.happened(event);
    };
    events.connected = () => {
      void this.reconnected();
    };
    events.lost = () => {
      this.setServer('lost');
    };
  }

  get state(): IState {
    return this._state;
  }

  get server(): ServerState {
    return this._server;
  }

  /** The build that runs or ran last; null when none did, as far as this page knows. */
  get build(): IBuild | null {
    return this.follower.build;
  }

  /** Emitted after each change of `state`, `server` or `build`. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * Read parts of the state, and follow them from now on.
   *
   * Errors end in the state, not in the promise.
   */
  async read(...parts: readonly Part[]): Promise<void> {
    parts.forEach(part => this.wanted.add(part));
    if (this._server === 'missing') {
      return;
    }
    this.events.open();
    await Promise.all(parts.map(part => this.readOnce(part)));
  }

  /** Have parts read for the first time; what was read before is left as it is. */
  async want(...parts: readonly Part[]): Promise<void> {
    await this.read(...parts.filter(part => !this.wanted.has(part)));
    await Promise.all(parts.flatMap(part => this.reading.get(part) ?? []));
  }

  agent(name: string): IAgent | null {
    return this._state.agents.value?.find(agent => agent.name === name) ?? null;
  }

  session(id: string): ISession | null {
    return this._state.sessions.value?.find(session => session.id === id) ?? null;
  }

  worktree(path: string): IWorktree | null {
    return this._state.worktrees.value?.find(worktree => worktree.path === path) ?? null;
  }

  /**
   * The running build follows the page: a second page joins the one that runs.
   *
   * @throws RequestError - when it cannot begin
   */
  async buildImage(wanted: IBuildRequest = {}): Promise<void> {
    await this.follower.begin(wanted);
  }

  async cancelBuild(): Promise<void> {
    await this.api.cancelBuild();
  }

  /** @throws RequestError - and the state is the server's again */
  async setSharing(share: boolean): Promise<void> {
    await this.changeSettings({ share_auth: share });
  }

  async setProfile(profile: string): Promise<void> {
    await this.changeSettings({ profile });
    await this.readWanted('agents');
  }

  async openSession(wanted: ILaunchRequest): Promise<ISession> {
    return this.withNew(await this.api.openSession(wanted));
  }

  /** Emitted when a session was restarted here, and another took its place. */
  get restarted(): ISignal<this, { readonly old: string; readonly next: ISession }> {
    return this._restarted;
  }

  async restartSession(id: string): Promise<ISession> {
    const next = this.withNew(await this.api.restartSession(id), id);
    this._restarted.emit({ old: id, next });
    return next;
  }

  async stopSession(id: string): Promise<void> {
    await this.api.stopSession(id);
    await this.readWanted('sessions', 'worktrees');
  }

  async signOut(agent: string, profile: string): Promise<void> {
    await this.api.signOut(agent, profile);
    await this.readWanted('agents');
  }

  /** @returns what went less well, each a sentence */
  async addWorktree(wanted: INewWorktree): Promise<IWorktree & { warnings: readonly string[] }> {
    const added = await this.api.addWorktree(wanted);
    await this.readWanted('worktrees');
    return added;
  }

  async removeWorktree(path: string, force = false): Promise<void> {
    await this.api.removeWorktree(path, force);
    await this.readWanted('worktrees', 'sessions');
  }

  private async changeSettings(changes: Partial<ISettings>): Promise<void> {
    try {
      const settings = await this.api.changeSettings(changes);
      this.set('settings', { value: settings, error: null });
    } catch (error) {
      await this.read('settings');
      throw error;
    }
  }

  /** The session is in the state before its event comes, so that its tab can be opened. */
  private withNew(session: ISession, replaced?: string): ISession {
    const others = (this._state.sessions.value ?? []).filter(
      other => other.id !== session.id && other.id !== replaced
    );
    this.set('sessions', { value: [...others, session], error: null });
    void this.readWanted('sessions', 'worktrees');
    return session;
  }

  private happened(event: IAgentAuthEvent): void {
    void this.readWanted(...staleAfter(event));
    if (event.kind === 'image') {
      this.follower.imageIs(event.data.state);
    }
  }

  private async reconnected(): Promise<void> {
    if (this._server === 'lost') {
      this._server = 'unknown';
    }
    await this.read(...this.wanted);
    if (this.server === 'there') {
      await this.follower.join();
    }
  }

  private async readWanted(...parts: readonly Part[]): Promise<void> {
    await this.read(...parts.filter(part => this.wanted.has(part)));
  }

  /** Calls that come while a part is being read are answered by one more reading, after it. */
  private async readOnce(part: Part): Promise<void> {
    const running = this.reading.get(part);
    if (running) {
      this.again.add(part);
      await running;
      return;
    }
    const reading = this.readUntilFresh(part);
    this.reading.set(part, reading);
    try {
      await reading;
    } finally {
      this.reading.delete(part);
    }
  }

  private async readUntilFresh(part: Part): Promise<void> {
    do {
      this.again.delete(part);
      await this.readPart(part);
    } while (this.again.has(part));
  }

  private async readPart(part: Part): Promise<void> {
    try {
      const value = await this.readers[part]();
      this._server = 'there';
      // What is to be read once more may be older than what is known by now.
      if (!this.again.has(part)) {
        this.set(part, { value, error: null });
      }
    } catch (error) {
      if (!(error instanceof RequestError)) {
        throw error;
      }
      if (error.reason === 'no_extension') {
        this._server = 'missing';
        this.events.close();
      } else if (error.reason !== 'unreachable') {
        this._server = 'there';
      } else {
        this._server = 'lost';
        this.events.reconnect();
      }
      this.set(part, { value: this._state[part].value, error });
    }
  }

  private set(part: Part, loaded: ILoaded<unknown>): void {
    this._state = { ...this._state, [part]: loaded };
    this._changed.emit();
  }

  private setServer(server: ServerState): void {
    if (this._server !== server) {
      this._server = server;
      this._changed.emit();
    }
  }

  private readonly readers: Readonly<Record<Part, () => Promise<unknown>>> = {
    agents: () => this.api.agents(),
    settings: () => this.api.settings(),
    worktrees: () => this.api.worktrees(),
    sessions: () => this.api.sessions(),
    image: () => this.api.image(),
    checks: () => this.api.doctor()
  };

  private _state: IState = {
    agents: UNREAD,
    settings: UNREAD,
    worktrees: UNREAD,
    sessions: UNREAD,
    image: UNREAD,
    checks: UNREAD
  };
  private _server: ServerState = 'unknown';
  private readonly follower: BuildFollower;
  private readonly wanted = new Set<Part>();
  private readonly reading = new Map<Part, Promise<void>>();
  private readonly again = new Set<Part>();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _restarted = new Signal<this, { readonly old: string; readonly next: ISession }>(
    this
  );
}
