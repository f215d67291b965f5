import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { addCommand } from '../commands/context';
import type { AgentAuthModel } from '../model/model';
import { BrowserTabs } from '../terminals/browserTabs';
import { parseSavedTab } from '../terminals/savedTab';
import { SessionTabs } from '../terminals/sessionTabs';
import { CommandIDs, IAgentAuthModel, ISessionScreens, ISessionTabs } from '../tokens';

/** The tabs of sessions, which come back after a reload. */
export const tabsPlugin: JupyterFrontEndPlugin<ISessionTabs> = {
  id: 'jupyter-agentauth:tabs',
  description: 'The tabs of running agents.',
  autoStart: true,
  provides: ISessionTabs,
  requires: [IAgentAuthModel, ISessionScreens],
  optional: [ILabShell, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: AgentAuthModel,
    screens: ISessionScreens,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const language = translator ?? nullTranslator;
    const trans = language.load('jupyter_agentauth');
    if (labShell === null) {
      const tabs = new BrowserTabs(model, trans);
      addShowCommand(app, model, trans.__('Show Agent'), tabs, null);
      return tabs;
    }
    const tabs = new SessionTabs(app, {
      model,
      commands: app.commands,
      screens,
      translator: language,
      trans
    });
    addShowCommand(app, model, trans.__('Show Agent'), tabs, tabs);
    if (restorer !== null) {
      void restorer.restore(tabs.tracker, {
        command: CommandIDs.show,
        args: tab => ({ ...tab.saved }),
        name: tab => tab.session
      });
    }
    return tabs;
  }
};

/** A restored tab is made of its arguments alone, before anything is read. */
function addShowCommand(
  app: JupyterFrontEnd,
  model: AgentAuthModel,
  label: string,
  tabs: ISessionTabs,
  restorable: SessionTabs | null
): void {
  addCommand({ app, model }, CommandIDs.show, {
    label,
    isVisible: args => typeof args.session === 'string',
    describedBy: {
      args: {
        type: 'object',
        properties: {
          session: { type: 'string', description: "The session's id" },
          agent: { type: 'string', description: 'What is known of it, while it is not read' },
          worktree: { type: 'string' },
          profile: { type: 'string' },
          share_auth: { type: 'boolean' },
          title: { type: 'string', description: "The tab's" }
        },
        required: ['session']
      }
    },
    execute: async args => {
      const saved = parseSavedTab(args);
      if (saved !== null && restorable !== null) {
        return restorable.showSaved(saved);
      }
      const id = typeof args.session === 'string' ? args.session : '';
      await model.want('sessions', 'agents', 'worktrees');
      if (model.session(id) === null) {
        await model.read('sessions');
      }
      const session = model.session(id);
      return session === null ? null : tabs.show(session);
    }
  });
}
