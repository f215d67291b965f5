import type { CommandRegistry } from '@lumino/commands';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { AgentAuthModel } from '../model/model';
import { shortTitle, shownAgent } from '../model/names';
import { INLINE } from '../terminals/keys';
import { ScreenFollower } from '../terminals/screenFollower';
import { stateSentence } from '../terminals/sentences';
import type { SessionScreen } from '../terminals/sessionScreen';
import { SessionView } from '../terminals/sessionView';
import { CommandIDs } from '../tokens';

/** What a terminal in an output is made with. */
export interface IInlineContext {
  readonly model: AgentAuthModel;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
  readonly createScreen: () => SessionScreen;
}

/** What a notebook does with these is meant for its own cells. */
const KEPT = ['keydown', 'keypress', 'keyup', 'paste', 'copy', 'cut'];

/** A session's terminal in an output of a notebook. */
export class InlineSession extends SessionView {
  /**
   * @param leave - called when the user has enough of it
   */
  constructor(
    private readonly context: IInlineContext,
    private session: string,
    private readonly leave: () => void
  ) {
    const screen = context.createScreen();
    super(screen, () => {
      this.follower.follow();
    });
    this.addClass(INLINE);
    for (const kind of KEPT) {
      this.node.addEventListener(kind, event => {
        event.stopPropagation();
      });
    }
    this.follower = new ScreenFollower(context.model, screen, session, () => {
      this.sayState();
    });
    this.follower.follow();
  }

  /** Show the session that took its place. */
  adopt(session: string): void {
    this.session = session;
    this.follower.adopt(session);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.follower.dispose();
      super.dispose();
    }
  }

  private sayState(): void {
    const { model, trans, commands } = this.context;
    const { state, wasSeen } = this.follower;
    const agent = model.session(this.session)?.agent ?? this.agent;
    this.agent = agent;
    const ended = state.kind === 'ended' ? state.session : null;
    const name = shortTitle(shownAgent(agent, model.agent(agent), trans));
    this.say({
      trans,
      sentence: stateSentence(trans, name || trans.__('The agent'), state, wasSeen),
      problem: ended?.problem ?? null,
      lastLines: this.screen.isShown ? [] : (ended?.last_lines ?? []),
      ended: state.kind === 'ended' || state.kind === 'gone',
      busy: false,
      restart: () => {
        void commands.execute(CommandIDs.restart, { session: this.session });
      },
      close: this.leave
    });
  }

  private agent = '';
  private readonly follower: ScreenFollower;
}
