import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell } from '@jupyterlab/application';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';

import type { AgentAuthModel } from '../model/model';
import { Announcements } from '../notebook/announcements';
import { KernelWishes } from '../notebook/kernelWishes';
import { SESSION_MIME } from '../notebook/sessionData';
import { SessionOutput } from '../notebook/sessionOutput';
import { IAgentAuthModel, ISessionScreens, ISessionTabs } from '../tokens';

/** Sessions that a notebook or a console opens: beside it, or in its outputs. */
export const notebookPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-agentauth:notebook',
  description: 'Sessions beside notebooks, and in their outputs.',
  autoStart: true,
  requires: [IAgentAuthModel, ISessionTabs, ISessionScreens, IRenderMimeRegistry],
  optional: [INotebookTracker, IConsoleTracker, ILabShell, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: AgentAuthModel,
    tabs: ISessionTabs,
    screens: ISessionScreens,
    rendermime: IRenderMimeRegistry,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    labShell: ILabShell | null,
    translator: ITranslator | null
  ) => {
    const announcements = new Announcements();
    const wishes = new KernelWishes((wish, origin) => {
      if (wish.kind === 'inline') {
        announcements.add(wish.session);
      } else if (labShell !== null) {
        // A browser refuses a tab that no click asks for: there the output has a button.
        void showBeside(model, tabs, wish.session, origin);
      }
    });
    for (const tracker of [notebooks, consoles]) {
      tracker?.forEach(widget => {
        wishes.follow(widget, widget.sessionContext);
      });
    }
    notebooks?.widgetAdded.connect((_, panel) => {
      wishes.follow(panel, panel.sessionContext);
    });
    consoles?.widgetAdded.connect((_, panel) => {
      wishes.follow(panel, panel.sessionContext);
    });
    const context = {
      model,
      commands: app.commands,
      trans: (translator ?? nullTranslator).load('jupyter_agentauth'),
      createScreen: () => screens.create(),
      announcements,
      open: (session, output) => {
        void tabs.show(session, mainWidgetOf(app, output));
      }
    } satisfies ConstructorParameters<typeof SessionOutput>[0];
    // Not safe: in a notebook that is not trusted, its plain text is shown.
    rendermime.addFactory(
      {
        safe: false,
        mimeTypes: [SESSION_MIME],
        createRenderer: () => new SessionOutput(context)
      },
      0
    );
  }
};

async function showBeside(
  model: AgentAuthModel,
  tabs: ISessionTabs,
  id: string,
  origin: Widget
): Promise<void> {
  await model.want('sessions', 'agents', 'worktrees');
  if (model.session(id) === null) {
    await model.read('sessions');
  }
  const session = model.session(id);
  if (session !== null && !origin.isDisposed) {
    await tabs.show(session, origin);
  }
}

/** The notebook or console that an output is in. */
function mainWidgetOf(app: JupyterFrontEnd, output: Widget): Widget | undefined {
  return [...app.shell.widgets('main')].find(widget => widget.node.contains(output.node));
}
