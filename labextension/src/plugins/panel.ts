import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { createPanel } from '../panel/panelWidget';
import { IAgentAuthModel, PANEL_ID } from '../tokens';
import type { AgentAuthModel } from '../model/model';

/** The side panel "Agents". */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-agentauth:panel',
  description: 'The side panel with agents, worktrees and sessions.',
  autoStart: true,
  requires: [IAgentAuthModel],
  optional: [ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: AgentAuthModel,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_agentauth');
    const widget = createPanel(model, app.commands, trans);
    restorer?.add(widget, PANEL_ID);
    // JupyterLab (4.6) has the table of contents at 400 and the extension manager at 1000.
    app.shell.add(widget, 'left', { rank: 550 });
    model.changed.connect(() => {
      if (model.server === 'missing' && !widget.isDisposed) {
        widget.dispose();
      }
    });
  }
};
