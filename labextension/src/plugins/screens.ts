import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IThemeManager } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { keepKeysForAgents } from '../terminals/keys';
import { SessionScreen } from '../terminals/sessionScreen';
import { TerminalOptions } from '../terminals/terminalOptions';
import { ISessionScreens } from '../tokens';

/** The terminals of sessions: they look as JupyterLab's, and agents get their keys. */
export const screensPlugin: JupyterFrontEndPlugin<ISessionScreens> = {
  id: 'jupyter-agentauth:screens',
  description: 'The terminals in which sessions are shown.',
  autoStart: true,
  provides: ISessionScreens,
  optional: [ISettingRegistry, IThemeManager, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    registry: ISettingRegistry | null,
    themes: IThemeManager | null,
    translator: ITranslator | null
  ) => {
    const options = new TerminalOptions();
    if (registry !== null) {
      void options.follow(registry);
    }
    if (themes !== null) {
      options.followTheme(themes);
    }
    keepKeysForAgents('jp-AgentAuth-screen');
    const { terminals } = app.serviceManager;
    const language = translator ?? nullTranslator;
    return { create: () => new SessionScreen(terminals, options, language) };
  }
};
