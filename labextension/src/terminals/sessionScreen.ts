import type { Terminal } from '@jupyterlab/services';
import type { ITerminal } from '@jupyterlab/terminal';
import type { ITranslator } from '@jupyterlab/translation';
import { type Message, MessageLoop } from '@lumino/messaging';
import { type ISignal, Signal } from '@lumino/signaling';
import { PanelLayout, Widget } from '@lumino/widgets';

import { AgentTerminal } from './agentTerminal';
import type { TerminalOptions } from './terminalOptions';

/** Of the connection to the terminal; `lost` when there was one, or none could be made. */
type ConnectionState = 'none' | 'connecting' | 'connected' | 'lost';

/**
 * A session's terminal, which is replaced by a new one with each new connection.
 *
 * The server sends the whole screen to whoever connects. A terminal that reconnects by itself
 * (JupyterLab 4.6) writes it below what it shows; a new one shows it once. The old one stays in
 * sight until the new connection is there, and after the last has ended.
 */
export class SessionScreen extends Widget {
  constructor(
    private readonly terminals: Terminal.IManager,
    private readonly options: TerminalOptions,
    private readonly translator: ITranslator
  ) {
    super();
    this.addClass('jp-AgentAuth-screen');
    this.layout = new PanelLayout();
    this.resized = new ResizeObserver(() => {
      [...this.children()].forEach(terminal => {
        MessageLoop.postMessage(terminal, Widget.ResizeMessage.UnknownSize);
      });
    });
    this.resized.observe(this.node);
    options.changed.connect(this.follow, this);
  }

  get state(): ConnectionState {
    return this._state;
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  /** Whether there is something to read. */
  get isShown(): boolean {
    return this.shown !== null;
  }

  /** Connect to a terminal of the server, unless that is so. */
  connect(name: string): void {
    if (this.connection !== null && this.connection.name === name) {
      return;
    }
    this.disconnect();
    const connection = this.terminals.connectTo({ model: { name } });
    this.connection = connection;
    this.coming = new AgentTerminal(connection, this.options.current, this.translator);
    // In its place, so that it has its size, but not seen.
    this.coming.addClass('jp-mod-connecting');
    (this.layout as PanelLayout).addWidget(this.coming);
    connection.connectionStatusChanged.connect(this.onStatus, this);
    connection.disposed.connect(this.onDisposed, this);
    this.set('connecting');
  }

  /** Let go of the connection; what is shown stays. */
  disconnect(): void {
    const connection = this.connection;
    if (connection === null) {
      return;
    }
    this.connection = null;
    connection.connectionStatusChanged.disconnect(this.onStatus, this);
    connection.disposed.disconnect(this.onDisposed, this);
    // A connection that is about to try again sets its timer after it has told of it.
    queueMicrotask(() => {
      connection.dispose();
    });
    this.coming?.dispose();
    this.coming = null;
    this.set('lost');
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.resized.disconnect();
      this.disconnect();
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected override onActivateRequest(_: Message): void {
    this.isWanted = this.coming !== null || this.shown === null;
    this.shown?.activate();
  }

  private onStatus(_: Terminal.ITerminalConnection, status: Terminal.ConnectionStatus): void {
    if (status === 'connected') {
      this.reveal();
    } else {
      this.disconnect();
    }
  }

  private onDisposed(): void {
    this.disconnect();
  }

  /** This comes before the screen's content does. */
  private reveal(): void {
    const coming = this.coming;
    if (coming === null) {
      return;
    }
    const hadFocus = this.shown?.node.contains(document.activeElement) ?? false;
    this.shown?.dispose();
    this.shown = coming;
    this.coming = null;
    coming.removeClass('jp-mod-connecting');
    if (hadFocus || this.isWanted) {
      this.isWanted = false;
      void this.focus(coming);
    }
    this.set('connected');
  }

  /** It cannot have the focus before it is drawn, and takes it from nothing else meanwhile. */
  private async focus(terminal: AgentTerminal): Promise<void> {
    await terminal.ready;
    const focused = document.activeElement;
    const isFree = focused === document.body || this.parent?.node.contains(focused) === true;
    if (isFree && !terminal.isDisposed) {
      terminal.activate();
    }
  }

  private follow(_: TerminalOptions, changed: Partial<ITerminal.IOptions>): void {
    for (const terminal of [this.shown, this.coming]) {
      void terminal?.ready.then(() => {
        if (!terminal.isDisposed) {
          for (const [name, value] of Object.entries(changed)) {
            terminal.setOption(name as keyof ITerminal.IOptions, value);
          }
        }
      });
    }
  }

  private set(state: ConnectionState): void {
    this._state = state;
    this._stateChanged.emit();
  }

  private connection: Terminal.ITerminalConnection | null = null;
  private shown: AgentTerminal | null = null;
  private coming: AgentTerminal | null = null;
  /** Whether the next terminal gets the focus: there was none when it was asked for. */
  private isWanted = false;
  private _state: ConnectionState = 'none';
  private readonly resized: ResizeObserver;
  private readonly _stateChanged = new Signal<this, void>(this);
}
