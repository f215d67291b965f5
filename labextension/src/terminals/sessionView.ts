import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';
import * as React from 'react';

import type { SessionScreen } from './sessionScreen';
import { type IStateBarProps, StateBar } from './stateBar';

/**
 * What a session's tab holds: what is to be said of it, above its screen.
 *
 * A terminal (JupyterLab 4.6) takes its title over from what runs in it. It is a child here, and
 * its title is not the tab's.
 */
export class SessionView extends Widget {
  constructor(
    readonly screen: SessionScreen,
    private readonly becameVisible: () => void
  ) {
    super();
    this.addClass('jp-AgentAuth-session');
    const layout = (this.layout = new PanelLayout());
    layout.addWidget(this.bar);
    layout.addWidget(screen);
    this.bar.addClass('jp-AgentAuth-stateBar');
    screen.node.addEventListener('keydown', this.leaveEndedScreen, true);
  }

  /** Say something above the screen, or (without a sentence) nothing. */
  say(props: IStateBarProps): void {
    this.bar.props = props;
    this.bar.toggleClass('jp-mod-empty', props.sentence === null);
    this.bar.update();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.becameVisible();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.becameVisible();
  }

  protected override onActivateRequest(_: Message): void {
    if (!this.focusBar()) {
      this.screen.activate();
    }
  }

  private focusBar(): boolean {
    const button = this.bar.props?.ended === true ? this.bar.node.querySelector('button') : null;
    button?.focus();
    return button !== null;
  }

  /** A terminal (JupyterLab 4.6) takes every Tab, also when nobody is there to read it. */
  private readonly leaveEndedScreen = (event: KeyboardEvent): void => {
    if (event.key === 'Tab' && this.focusBar()) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  private readonly bar = new Bar();
}

class Bar extends ReactWidget {
  props: IStateBarProps | null = null;

  protected override render(): React.ReactElement | null {
    return this.props === null ? null : React.createElement(StateBar, this.props);
  }
}
