import { refreshIcon, stopIcon } from '@jupyterlab/ui-components';

import { askForSession } from '../dialogs/newSession';
import { showWarnings } from '../dialogs/warnings';
import { RequestError } from '../rest/requestError';
import type { ISession } from '../rest/types';
import type { ISavedTab } from '../terminals/savedTab';
import { CommandIDs } from '../tokens';
import { asksFirst } from './asking';
import {
  addCommand,
  type Arguments,
  describe,
  fail,
  type ICommandContext,
  textOf
} from './context';
import { start, titleOf } from './opening';

const SESSION = {
  session: { type: 'string', description: "The session's id; the one in front without it" }
};

/** The commands for sessions that are there. */
export function addSessionCommands(context: ICommandContext): void {
  const { model, trans } = context;
  const isGiven = (args: Arguments) => sessionOf(context, args) !== null;
  addCommand(context, CommandIDs.stop, {
    label: trans.__('Stop Agent'),
    caption: trans.__('Stop the agent and its container'),
    icon: stopIcon,
    isEnabled: args => isGiven(args) && !hasEnded(context, args),
    describedBy: describe(SESSION),
    execute: async args => {
      const session = sessionOf(context, args);
      try {
        if (session !== null) {
          await model.stopSession(session);
        }
      } catch (error) {
        await fail(context, trans.__('The agent cannot be stopped'), error);
      }
    }
  });
  addCommand(context, CommandIDs.restart, {
    label: trans.__('Restart Agent'),
    caption: trans.__('Stop the agent if it runs, and start it anew as it was'),
    icon: refreshIcon,
    isEnabled: isGiven,
    describedBy: describe(SESSION),
    execute: async args => {
      const session = sessionOf(context, args);
      if (session === null) {
        return;
      }
      const next = await context.tabs.restarting(session, saved =>
        restart(context, session, saved)
      );
      if (next !== null) {
        showWarnings(trans, titleOf(context, next.agent), next.warnings);
      }
    }
  });
}

function sessionOf({ tabs }: ICommandContext, args: Arguments): string | null {
  return textOf(args, 'session') ?? tabs.current;
}

function hasEnded(context: ICommandContext, args: Arguments): boolean {
  const { value } = context.model.state.sessions;
  const id = sessionOf(context, args);
  const session = value?.find(each => each.id === id);
  return value !== null && (session === undefined || session.state === 'exited');
}

/** Restart it where the server knows how it was started; else open it with what its tab knows. */
async function restart(
  context: ICommandContext,
  session: string,
  saved: ISavedTab | null
): Promise<ISession | null> {
  const { model, trans } = context;
  const title = saved?.agent ?? model.session(session)?.agent;
  const refused = trans.__(
    '%1 cannot be restarted',
    titleOf(context, title ?? trans.__('The agent'))
  );
  for (;;) {
    try {
      return await model.restartSession(session);
    } catch (error) {
      if (saved !== null && isUnknown(error) && model.session(session)?.state !== 'running') {
        return startSaved(context, saved);
      }
      const mend = title === undefined ? null : (model.agent(title)?.mend ?? null);
      if (!(await fail(context, refused, error, mend, true))) {
        return null;
      }
    }
  }
}

/** Start what a tab knows of its session; a document may have made the tab. */
async function startSaved(context: ICommandContext, saved: ISavedTab): Promise<ISession | null> {
  const { agent, worktree, profile, share_auth } = saved;
  const request = { agent, worktree, profile, share_auth };
  await context.model.want('agents', 'settings');
  if (!asksFirst(context, request)) {
    return start(context, request);
  }
  const answer = await askForSession(context.model, context.trans, request);
  return answer === null ? null : start(context, answer.request, answer.worktree);
}

function isUnknown(error: unknown): boolean {
  return (
    error instanceof RequestError && (error.status === 404 || error.reason === 'restart_unknown')
  );
}
