import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Menu } from '@lumino/widgets';

import { agentsIcon } from '../icons/icons';
import { launcherItems } from '../model/launcherItems';
import type { AgentAuthModel } from '../model/model';
import { CommandIDs, IAgentAuthModel } from '../tokens';

/** "Open Agent Here" in the file browser's context menu: on its directories and between them. */
export const fileBrowserPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-agentauth:file-browser',
  description: 'Opens agents from the context menu of the file browser.',
  autoStart: true,
  requires: [IAgentAuthModel],
  optional: [IDefaultFileBrowser, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: AgentAuthModel,
    fileBrowser: IDefaultFileBrowser | null,
    translator: ITranslator | null
  ) => {
    if (fileBrowser === null) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_agentauth');
    const submenu = new Menu({ commands: app.commands });
    submenu.title.label = trans.__('Open Agent Here');
    submenu.title.icon = agentsIcon;
    let told = '';
    model.changed.connect(() => {
      const agents = launcherItems(model.state.agents.value);
      const now = agents.join(' ');
      if (now === told || agents.length === 0) {
        return;
      }
      if (told === '') {
        // With JupyterLab's own entries that make something (4.6: 51 to 55).
        app.contextMenu.addItem({
          type: 'submenu',
          submenu,
          selector: '.jp-DirListing-content',
          rank: 55
        });
      }
      told = now;
      submenu.clearItems();
      agents.forEach(agent => {
        submenu.addItem({ command: CommandIDs.open, args: { agent, here: true, isMenu: true } });
      });
    });
  }
};
