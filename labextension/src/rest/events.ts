import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';

const SCHEMA = /^https:\/\/events\.jupyter\.org\/jupyter_agentauth\/(\w+)\/v1$/;

/** One change: its kind (`session`, `image`, …) and what the event holds. */
export interface IAgentAuthEvent {
  readonly kind: string;
  readonly data: Readonly<Record<string, string>>;
}

/** A stream of changes, which may be interrupted. */
export interface IEventSource {
  /** Called with each change. */
  happened: (event: IAgentAuthEvent) => void;
  /** Called when the connection is there, the first time and each time again. */
  connected: () => void;
  /** Called when it is lost; it is tried again by itself. */
  lost: () => void;
  open(): void;
  /** Make the connection anew: something else showed that the server does not answer. */
  reconnect(): void;
  close(): void;
}

const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;

/**
 * The changes that a Jupyter server publishes, over a connection of our own.
 *
 * JupyterLab's `EventManager` (services 7.6) has one, too, but does not tell when it was
 * interrupted, and events are not replayed: who missed some has to read everything again.
 */
export class ServerEvents implements IEventSource {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  happened: (event: IAgentAuthEvent) => void = () => undefined;
  connected: () => void = () => undefined;
  lost: () => void = () => undefined;

  open(): void {
    if (this.socket !== null || this.closed) {
      return;
    }
    const { WebSocket, wsUrl, appendToken, token } = this.settings;
    let url = URLExt.join(wsUrl, 'api/events/subscribe');
    if (appendToken && token !== '') {
      url += `?token=${encodeURIComponent(token)}`;
    }
    const socket = (this.socket = new WebSocket(url));
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      this.connected();
    };
    socket.onmessage = (message: MessageEvent<string>) => {
      this.delay = FIRST_DELAY; // Not before: a server that takes connections may still be ill.
      const event = parse(message.data);
      if (event) {
        this.happened(event);
      }
    };
    socket.onclose = () => {
      this.socket = null;
      if (this.closed) {
        return;
      }
      if (wasOpen) {
        this.lost();
      }
      this.timer = window.setTimeout(() => {
        this.open();
      }, this.delay);
      this.delay = Math.min(2 * this.delay, LONGEST_DELAY);
    };
  }

  reconnect(): void {
    this.socket?.close();
  }

  close(): void {
    this.closed = true;
    window.clearTimeout(this.timer);
    this.socket?.close();
  }

  private socket: WebSocket | null = null;
  private closed = false;
  private delay = FIRST_DELAY;
  private timer = 0;
}

/** The event that a message holds; null for other extensions' events and what is none. */
export function parse(text: string): IAgentAuthEvent | null {
  try {
    const { schema_id: schema, ...data } = JSON.parse(text) as Record<string, unknown>;
    const kind = SCHEMA.exec(String(schema))?.[1];
    return kind === undefined ? null : { kind, data: data as Record<string, string> };
  } catch {
    return null;
  }
}
