import type { Widget } from '@lumino/widgets';

import { showWarnings } from '../dialogs/warnings';
import { SHELL, shownAgent } from '../model/names';
import { RequestError } from '../rest/requestError';
import type { ILaunchRequest, INewWorktree, ISession } from '../rest/types';
import { fail, type ICommandContext } from './context';
import { mendOfReason, problemOf, shellProblem } from './problems';

/** What an agent is called, before or after its table has been read. */
export function titleOf({ model, trans }: ICommandContext, agent: string): string {
  return shownAgent(agent, model.agent(agent), trans).title;
}

/**
 * Open a session and show it; what keeps it from running is said, with its mend.
 *
 * @returns its tab; null when it did not come to that
 */
export async function open(
  context: ICommandContext,
  request: ILaunchRequest,
  worktree: INewWorktree | null = null
): Promise<Widget | null> {
  const session = await start(context, request, worktree);
  if (session === null) {
    return null;
  }
  showWarnings(context.trans, titleOf(context, request.agent), session.warnings);
  return context.tabs.show(session);
}

/** Start a session, in a new worktree if one is wanted; null when it did not come to that. */
export async function start(
  context: ICommandContext,
  request: ILaunchRequest,
  worktree: INewWorktree | null = null
): Promise<ISession | null> {
  const made = worktree === null ? request : await inNewWorktree(context, request, worktree);
  return made === null ? null : openSession(context, made);
}

/** Open a session, as often as it is tried again; null when it is not. */
async function openSession(
  context: ICommandContext,
  request: ILaunchRequest
): Promise<ISession | null> {
  const { model, trans } = context;
  const title = trans.__('%1 cannot be opened', titleOf(context, request.agent));
  for (;;) {
    try {
      return await model.openSession(request);
    } catch (error) {
      const mend = await mendOf(context, request.agent, error);
      if (!(await fail(context, title, error, mend, true))) {
        return null;
      }
    }
  }
}

/** The mend of what the server refused: the agents are read again, and say it. */
async function mendOf(
  { model }: ICommandContext,
  agent: string,
  error: unknown
): Promise<string | null> {
  await model.read('agents');
  const problem =
    agent === SHELL ? shellProblem(model.state.agents.value ?? []) : problemOf(model.agent(agent));
  const reason = error instanceof RequestError ? error.reason : '';
  // Another problem than the agent's own (a directory, a profile) has another mend.
  const isIts = problem !== null && (problem.reason === '' || problem.reason === reason);
  return (isIts ? problem.mend : null) ?? mendOfReason(reason);
}

async function inNewWorktree(
  context: ICommandContext,
  request: ILaunchRequest,
  wanted: INewWorktree
): Promise<ILaunchRequest | null> {
  try {
    const made = await context.model.addWorktree(wanted);
    showWarnings(context.trans, made.path, made.warnings);
    return { ...request, worktree: made.path };
  } catch (error) {
    await fail(context, context.trans.__('The worktree cannot be made'), error);
    return null;
  }
}
