import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { AgentAuthModel } from '../model/model';
import { createApi } from '../rest/api';
import { ServerEvents } from '../rest/events';
import { IAgentAuthModel } from '../tokens';

/** The page's one model of the server's state. */
export const modelPlugin: JupyterFrontEndPlugin<AgentAuthModel> = {
  id: 'jupyter-agentauth:model',
  description: 'The state of agents, worktrees and sessions on the server.',
  autoStart: true,
  provides: IAgentAuthModel,
  activate: (app: JupyterFrontEnd) => {
    const { serverSettings } = app.serviceManager;
    const model = new AgentAuthModel(createApi(serverSettings), new ServerEvents(serverSettings));
    void app.restored.then(() => model.read('settings', 'agents'));
    return model;
  }
};
