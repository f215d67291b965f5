import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';
import * as React from 'react';

import { agentsIcon } from '../icons/icons';
import type { AgentAuthModel } from '../model/model';
import { PANEL_ID } from '../tokens';
import { Panel } from './panel';
import { type IShared, PARTS } from './shared';

/** The side panel; what it shows is read when it is shown first. */
export function createPanel(
  model: AgentAuthModel,
  commands: CommandRegistry,
  trans: TranslationBundle
): Widget {
  return new AgentsPanel({ model, commands, trans });
}

class AgentsPanel extends ReactWidget {
  constructor(private readonly shared: IShared) {
    super();
    this.id = PANEL_ID;
    this.title.icon = agentsIcon;
    this.title.caption = shared.trans.__('Agents');
    this.addClass('jp-AgentAuth-panel');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', shared.trans.__('Agents'));
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.readWhenSeen();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.readWhenSeen();
  }

  protected override render(): React.ReactElement {
    return (
      <UseSignal signal={this.shared.model.changed}>
        {() => <Panel shared={this.shared} />}
      </UseSignal>
    );
  }

  private readWhenSeen(): void {
    if (this.isVisible) {
      void this.shared.model.want(...PARTS);
    }
  }
}
