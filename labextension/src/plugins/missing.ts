import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { AgentAuthModel } from '../model/model';
import { IAgentAuthModel } from '../tokens';

/** Says once that the server's side is missing; nothing else is shown then. */
export const missingPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-agentauth:missing',
  description: 'Tells when the server extension is missing.',
  autoStart: true,
  requires: [IAgentAuthModel],
  optional: [ITranslator],
  activate: (_: JupyterFrontEnd, model: AgentAuthModel, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_agentauth');
    const tell = () => {
      if (model.server === 'missing') {
        model.changed.disconnect(tell);
        Notification.warning(
          trans.__(
            'Agents are not available: the server extension jupyter_agentauth is not enabled. ' +
              'Run "jupyter server extension enable jupyter_agentauth" and restart the server.'
          ),
          { autoClose: false }
        );
      }
    };
    model.changed.connect(tell);
  }
};
