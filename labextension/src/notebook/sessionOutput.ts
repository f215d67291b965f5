import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { PanelLayout, Widget } from '@lumino/widgets';
import * as React from 'react';

import { agentIcon, agentsIcon } from '../icons/icons';
import { sessionTitle, shortTitle, shownAgent } from '../model/names';
import type { AgentAuthModel } from '../model/model';
import type { ISession } from '../rest/types';
import { tabState } from '../terminals/tabState';
import { CommandIDs } from '../tokens';
import type { Announcements } from './announcements';
import { type IInlineContext, InlineSession } from './inlineSession';
import { type IOutputAction, OutputLine } from './outputLine';
import { lineSentence } from './outputSentence';
import { type INamedSession, parseNamedSession, SESSION_MIME } from './sessionData';

/** What the outputs of a page are made with. */
export interface IOutputContext extends IInlineContext {
  readonly announcements: Announcements;
  /** Open the session's tab, right of what the output is in. */
  readonly open: (session: ISession, output: Widget) => void;
}

/**
 * A session in an output: a line, or its terminal where the cell that ran here asked for it or
 * the user does. A saved output is a line, and connects to nothing.
 */
export class SessionOutput extends Widget implements IRenderMime.IRenderer {
  constructor(private readonly context: IOutputContext) {
    super();
    this.addClass('jp-AgentAuth-output');
    this.layout = new PanelLayout();
    context.model.restarted.connect(this.onRestarted, this);
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const named = parseNamedSession(model.data[SESSION_MIME]);
    // An output that is rendered anew, as it was, stays as the user has it.
    if (this.layout !== null && named?.session !== this.named?.session) {
      this.named = named;
      this.session = named?.session ?? '';
      this.showLine();
    }
    if (named !== null && this.context.announcements.take(named.session)) {
      this.showTerminal();
    }
    return Promise.resolve();
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    void this.context.model.want('agents', 'sessions', 'worktrees');
  }

  private onRestarted(
    _: AgentAuthModel,
    { old, next }: { readonly old: string; readonly next: ISession }
  ): void {
    if (this.session === old) {
      this.session = next.id;
      this.inline?.adopt(next.id);
    }
  }

  private showLine(): void {
    this.clear();
    const { model } = this.context;
    (this.layout as PanelLayout).addWidget(
      ReactWidget.create(
        React.createElement(UseSignal, {
          signal: model.changed,
          children: () => this.line()
        })
      )
    );
  }

  private showTerminal(): void {
    this.clear();
    this.inline = new InlineSession(this.context, this.session, () => {
      this.showLine();
    });
    (this.layout as PanelLayout).addWidget(this.inline);
  }

  private clear(): void {
    this.inline = null;
    [...this.children()].forEach(child => {
      child.dispose();
    });
  }

  private line(): React.ReactElement {
    const { model, trans } = this.context;
    const known = model.session(this.session);
    const agent = known && shownAgent(known.agent, model.agent(known.agent), trans);
    const state = tabState(this.session, model.server, model.state.sessions);
    return React.createElement(OutputLine, {
      trans,
      icon: agent === null ? agentsIcon : agentIcon(agent),
      title:
        known !== null && agent !== null
          ? sessionTitle(known, agent, model.worktree(known.worktree))
          : (this.named?.title ?? ''),
      sentence:
        this.named === null
          ? trans.__('This output names no session.')
          : lineSentence(
              trans,
              agent === null ? trans.__('The agent') : shortTitle(agent),
              state,
              model.server
            ),
      actions: known === null ? [] : this.actions(known)
    });
  }

  private actions(session: ISession): IOutputAction[] {
    const { trans, commands, open } = this.context;
    if (session.state === 'exited') {
      const restart = () => {
        void commands.execute(CommandIDs.restart, { session: session.id });
      };
      return [{ label: trans.__('Restart'), run: restart }];
    }
    if (session.terminal === null) {
      return [];
    }
    return [
      {
        label: trans.__('Open in a Tab'),
        run: () => {
          open(session, this);
        }
      },
      {
        label: trans.__('Show Here'),
        run: () => {
          this.showTerminal();
          this.inline?.activate();
        }
      }
    ];
  }

  private named: INamedSession | null | undefined = undefined;
  /** The one that is shown: after a restart another than the output names. */
  private session = '';
  private inline: InlineSession | null = null;
}
