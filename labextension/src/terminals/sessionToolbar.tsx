import type { TranslationBundle } from '@jupyterlab/translation';
import {
  type LabIcon,
  listIcon,
  ReactWidget,
  refreshIcon,
  stopIcon,
  Toolbar,
  ToolbarButtonComponent,
  UseSignal
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

import { visible } from '../text/visible';
import { CommandIDs } from '../tokens';
import { sharingSentence } from './sentences';

/** What a tab's toolbar shows. */
export interface IToolbarState {
  readonly session: string;
  readonly worktree: string;
  readonly agent: string;
  /** Null for the default one. */
  readonly profile: string | null;
  readonly branch: string;
  readonly shared: boolean;
  readonly isRunning: boolean;
  readonly isBusy: boolean;
}

/** Fill a tab's toolbar; it follows the state. */
export function fillToolbar(
  toolbar: Toolbar,
  commands: CommandRegistry,
  trans: TranslationBundle,
  state: () => IToolbarState,
  changed: ISignal<unknown, void>
): void {
  const add = (name: string, part: (state: IToolbarState) => React.ReactElement) => {
    const widget = ReactWidget.create(
      <UseSignal signal={changed}>{() => part(state())}</UseSignal>
    );
    toolbar.addItem(name, widget);
    return widget;
  };
  const button = (
    name: string,
    icon: LabIcon,
    label: string,
    caption: string,
    command: string,
    isEnabled: (state: IToolbarState) => boolean
  ) => {
    add(name, now => (
      <ToolbarButtonComponent
        icon={icon}
        label={label}
        tooltip={caption}
        enabled={isEnabled(now)}
        onClick={() => {
          void commands.execute(command, { session: now.session, path: now.worktree });
        }}
      />
    )).addClass('jp-ToolbarButton');
  };

  add('agentauth-details', now => <Details trans={trans} state={now} />).addClass(
    'jp-AgentAuth-toolbarDetails'
  );
  toolbar.addItem('agentauth-spacer', Toolbar.createSpacerItem());
  button(
    'agentauth-changes',
    listIcon,
    trans.__('Changes'),
    trans.__('What changed in the worktree'),
    CommandIDs.showChanges,
    () => true
  );
  button(
    'agentauth-restart',
    refreshIcon,
    trans.__('Restart'),
    trans.__('Stop the agent and start it anew'),
    CommandIDs.restart,
    now => !now.isBusy
  );
  button(
    'agentauth-stop',
    stopIcon,
    trans.__('Stop'),
    trans.__('Stop the agent and its container'),
    CommandIDs.stop,
    now => now.isRunning && !now.isBusy
  );
}

function Details(props: { trans: TranslationBundle; state: IToolbarState }): React.ReactElement {
  const { trans, state } = props;
  const sharing = sharingSentence(trans, state.shared);
  return (
    <span className="jp-AgentAuth-details">
      <span className="jp-AgentAuth-detail jp-mod-agent">{state.agent}</span>
      {state.profile !== null && (
        <span className="jp-AgentAuth-detail">{trans.__('Profile %1', state.profile)}</span>
      )}
      <span className="jp-AgentAuth-detail" title={visible(state.worktree)}>
        {state.branch}
      </span>
      <span className="jp-AgentAuth-detail jp-mod-sharing" title={sharing}>
        {sharing}
      </span>
    </span>
  );
}
