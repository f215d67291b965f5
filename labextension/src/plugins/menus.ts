import { type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { DisposableSet } from '@lumino/disposable';
import { Menu } from '@lumino/widgets';

import { agentsIcon } from '../icons/icons';
import { launcherItems } from '../model/launcherItems';
import type { AgentAuthModel } from '../model/model';
import { SHELL } from '../model/names';
import { CommandIDs, IAgentAuthModel } from '../tokens';

/** After "Kernel" (JupyterLab 4.6: 5), before "Tabs" and "Settings" (500 and more). */
const RANK = 60;

/** The menu "Agents", an entry in File > New, and the palette's category "Agents". */
export const menusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-agentauth:menus',
  description: 'Menus and command palette entries for agents.',
  autoStart: true,
  requires: [IAgentAuthModel],
  optional: [IMainMenu, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: AgentAuthModel,
    mainMenu: IMainMenu | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_agentauth');
    const menus = mainMenu === null ? null : addMenus(app.commands, mainMenu, trans);
    let entries = new DisposableSet();
    let told = '';
    model.changed.connect(() => {
      const agents = launcherItems(model.state.agents.value);
      const isThere = model.server !== 'missing' && agents.length > 0;
      const now = JSON.stringify([isThere, agents]);
      if (now === told) {
        return;
      }
      told = now;
      entries.dispose();
      entries = new DisposableSet();
      if (isThere) {
        menus?.fill(agents);
        if (palette !== null) {
          addToPalette(palette, trans.__('Agents'), agents, entries);
        }
      }
    });
  }
};

function addToPalette(
  palette: ICommandPalette,
  category: string,
  agents: readonly string[],
  entries: DisposableSet
): void {
  agents.forEach((agent, rank) => {
    entries.add(palette.addItem({ command: CommandIDs.open, category, args: { agent }, rank }));
  });
  const others = [
    CommandIDs.newSession,
    CommandIDs.stop,
    CommandIDs.restart,
    CommandIDs.showChanges,
    CommandIDs.newWorktree,
    CommandIDs.toggleSharing,
    CommandIDs.buildImage,
    CommandIDs.cancelBuild,
    CommandIDs.showPanel
  ];
  others.forEach((command, index) => {
    entries.add(palette.addItem({ command, category, rank: 100 + index }));
  });
  agents
    .filter(agent => agent !== SHELL)
    .forEach((agent, index) => {
      entries.add(
        palette.addItem({
          command: CommandIDs.signOut,
          category,
          args: { agent },
          rank: 200 + index
        })
      );
    });
}

interface IMenus {
  /** Fill them for these agents, the first time also show them. */
  fill(agents: readonly string[]): void;
}

function addMenus(
  commands: CommandRegistry,
  mainMenu: IMainMenu,
  trans: TranslationBundle
): IMenus {
  const menu = new Menu({ commands });
  menu.id = 'jp-mainmenu-agentauth';
  menu.title.label = trans.__('Agents');
  const open = new Menu({ commands });
  open.title.label = trans.__('Open');
  open.title.icon = agentsIcon;
  const signOut = new Menu({ commands });
  signOut.title.label = trans.__('Sign Out');
  let isAdded = false;
  return {
    fill: agents => {
      open.clearItems();
      signOut.clearItems();
      agents.forEach(agent => {
        open.addItem({ command: CommandIDs.open, args: { agent, isMenu: true } });
        if (agent !== SHELL) {
          signOut.addItem({ command: CommandIDs.signOut, args: { agent, isMenu: true } });
        }
      });
      if (!isAdded) {
        isAdded = true;
        fillMenu(menu, open, signOut);
        mainMenu.addMenu(menu, true, { rank: RANK });
        mainMenu.fileMenu.newMenu.addGroup(
          [{ command: CommandIDs.newSession, args: { isMenu: true } }],
          20
        );
      }
    }
  };
}

function fillMenu(menu: Menu, open: Menu, signOut: Menu): void {
  const groups: (string | Menu)[][] = [
    [open, CommandIDs.newSession],
    [CommandIDs.stop, CommandIDs.restart, CommandIDs.showChanges],
    [CommandIDs.newWorktree],
    [CommandIDs.toggleSharing, signOut],
    [CommandIDs.buildImage, CommandIDs.cancelBuild],
    [CommandIDs.showPanel]
  ];
  groups.forEach((group, index) => {
    if (index > 0) {
      menu.addItem({ type: 'separator' });
    }
    group.forEach(item => {
      menu.addItem(
        typeof item === 'string' ? { command: item } : { type: 'submenu', submenu: item }
      );
    });
  });
}
