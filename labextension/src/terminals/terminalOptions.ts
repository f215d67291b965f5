import type { IThemeManager } from '@jupyterlab/apputils';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ITerminal } from '@jupyterlab/terminal';
import { Signal, type ISignal } from '@lumino/signaling';

const PLUGIN = '@jupyterlab/terminal-extension:plugin';

/** A tab tells how its agent ended, and its session goes on when it is closed. */
const OURS = { closeOnExit: false, shutdownOnClose: false, initialCommand: '' };

/** The user's settings of JupyterLab's terminals, which hold for ours as well. */
export class TerminalOptions {
  /** The options to make a terminal with. */
  get current(): Partial<ITerminal.IOptions> {
    return { ...this.options, ...OURS };
  }

  /** Emitted when open terminals should follow them: with the options that changed. */
  get changed(): ISignal<this, Partial<ITerminal.IOptions>> {
    return this._changed;
  }

  /** Follow the settings of JupyterLab's own plugin, if it is there. */
  async follow(registry: ISettingRegistry): Promise<void> {
    let settings: ISettingRegistry.ISettings;
    try {
      settings = await registry.load(PLUGIN);
    } catch {
      return;
    }
    this.take(settings.composite);
    settings.changed.connect(() => {
      this.take(settings.composite);
    });
  }

  /** A terminal (JupyterLab 4.6) with the theme `inherit` takes the page's colours when told to. */
  followTheme(themes: IThemeManager): void {
    themes.themeChanged.connect(() => {
      if ((this.options.theme ?? 'inherit') === 'inherit') {
        this._changed.emit({ theme: 'inherit' });
      }
    });
  }

  private take(composite: object): void {
    this.options = { ...(composite as Partial<ITerminal.IOptions>) };
    this._changed.emit(this.current);
  }

  private options: Partial<ITerminal.IOptions> = {};
  private readonly _changed = new Signal<this, Partial<ITerminal.IOptions>>(this);
}
