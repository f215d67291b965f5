import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { ICommandContext } from '../commands/context';
import { addImageCommands } from '../commands/imageCommands';
import { addMendCommand } from '../commands/mendCommands';
import { addOpenCommands } from '../commands/openCommands';
import { addSessionCommands } from '../commands/sessionCommands';
import { addSettingsCommands } from '../commands/settingsCommands';
import { addWorktreeCommands } from '../commands/worktreeCommands';
import type { AgentAuthModel } from '../model/model';
import { CommandIDs, IAgentAuthModel, ISessionTabs } from '../tokens';

/** What can be done, for buttons, menus, the palette, key bindings and other extensions. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-agentauth:commands',
  description: 'Commands that open, stop and restart agents, and what belongs to them.',
  autoStart: true,
  requires: [IAgentAuthModel, ISessionTabs],
  optional: [IDefaultFileBrowser, ILabShell, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: AgentAuthModel,
    tabs: ISessionTabs,
    fileBrowser: IDefaultFileBrowser | null,
    labShell: ILabShell | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_agentauth');
    const context: ICommandContext = { app, model, tabs, fileBrowser, trans };
    addOpenCommands(context);
    addSessionCommands(context);
    addWorktreeCommands(context);
    addImageCommands(context);
    addSettingsCommands(context);
    addMendCommand(context, labShell !== null);
    // Labels, captions and what is possible follow the state.
    const tell = () => {
      Object.values(CommandIDs).forEach(id => {
        app.commands.notifyCommandChanged(id);
      });
    };
    model.changed.connect(tell);
    labShell?.currentChanged.connect(tell);
  }
};
