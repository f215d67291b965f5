import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { DisposableSet } from '@lumino/disposable';

import { launcherItems } from '../model/launcherItems';
import type { AgentAuthModel } from '../model/model';
import { CommandIDs, IAgentAuthModel } from '../tokens';

/** A section of the launcher with a tile for each agent, and one for a shell. */
export const launcherPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-agentauth:launcher',
  description: 'Launcher tiles for agents.',
  autoStart: true,
  requires: [IAgentAuthModel],
  optional: [ILauncher, ITranslator],
  activate: (
    _: JupyterFrontEnd,
    model: AgentAuthModel,
    launcher: ILauncher | null,
    translator: ITranslator | null
  ) => {
    if (launcher === null) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_agentauth');
    let shown = new DisposableSet();
    let told = '';
    model.changed.connect(() => {
      const agents = model.server === 'missing' ? [] : launcherItems(model.state.agents.value);
      // A tile's label and icon are its command's; the launcher (JupyterLab 4.6) draws them when
      // items change.
      const now = JSON.stringify([agents, model.state.agents.value?.map(tile)]);
      if (now === told) {
        return;
      }
      told = now;
      shown.dispose();
      shown = new DisposableSet();
      agents.forEach((agent, rank) => {
        shown.add(
          launcher.add({
            command: CommandIDs.open,
            args: { agent, isTile: true },
            category: trans.__('Agents'),
            categoryRank: 10,
            rank
          })
        );
      });
    });
  }
};

function tile({
  title,
  icon,
  problem,
  reason
}: Record<'title' | 'icon', string> & { problem: string | null; reason: string | null }) {
  return [title, icon, problem, reason];
}
