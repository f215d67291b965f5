import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { commandsPlugin } from './plugins/commands';
import { fileBrowserPlugin } from './plugins/fileBrowser';
import { launcherPlugin } from './plugins/launcher';
import { menusPlugin } from './plugins/menus';
import { missingPlugin } from './plugins/missing';
import { modelPlugin } from './plugins/model';
import { notebookPlugin } from './plugins/notebook';
import { panelPlugin } from './plugins/panel';
import { screensPlugin } from './plugins/screens';
import { tabsPlugin } from './plugins/tabs';

export { CommandIDs, IAgentAuthModel, ISessionTabs } from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  modelPlugin,
  missingPlugin,
  screensPlugin,
  tabsPlugin,
  commandsPlugin,
  panelPlugin,
  launcherPlugin,
  menusPlugin,
  fileBrowserPlugin,
  notebookPlugin
];

export default plugins;
