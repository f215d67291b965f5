import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { commandsPlugin } from './plugins/commands';
import { fileBrowserPlugin } from './plugins/fileBrowser';
import { launcherPlugin } from './plugins/launcher';
import { menusPlugin } from './plugins/menus';
import { missingPlugin } from './plugins/missing';
import { modelPlugin } from './plugins/model';
import { panelPlugin } from './plugins/panel';
import { tabsPlugin } from './plugins/tabs';

export { CommandIDs, IAgentAuthModel, ISessionTabs } from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  modelPlugin,
  missingPlugin,
  tabsPlugin,
  commandsPlugin,
  panelPlugin,
  launcherPlugin,
  menusPlugin,
  fileBrowserPlugin
];

export default plugins;
