import { askForSession } from '../dialogs/newSession';
import { agentIcon, agentsIcon } from '../icons/icons';
import { SHELL, shownAgent } from '../model/names';
import type { ILaunchRequest } from '../rest/types';
import { CommandIDs } from '../tokens';
import { asksFirst } from './asking';
import {
  addCommand,
  type Arguments,
  describe,
  type ICommandContext,
  textOf,
  textsOf
} from './context';
import { open, titleOf } from './opening';
import { placeFor } from './place';
import { type IProblem, problemOf, shellProblem, shortProblem } from './problems';

/** The commands that open agents. */
export function addOpenCommands(context: ICommandContext): void {
  const { app, model, trans } = context;
  addCommand(context, CommandIDs.open, {
    label: args => openLabel(context, args),
    caption: args => openCaption(context, args),
    icon: args => {
      const agent = textOf(args, 'agent');
      return agent === null ? agentsIcon : agentIcon(shownAgent(agent, model.agent(agent), trans));
    },
    describedBy: describe(OPEN_ARGUMENTS),
    execute: async args => {
      const agent = textOf(args, 'agent');
      if (agent === null) {
        return app.commands.execute(CommandIDs.newSession, args) as Promise<unknown>;
      }
      await model.want('agents', 'settings');
      return openAsked(context, { ...requestOf(args), agent, worktree: placeFor(context, args) });
    }
  });
  addCommand(context, CommandIDs.newSession, {
    label: args => (args.isMenu === true ? trans.__('Agent…') : trans.__('New Agent Session…')),
    caption: trans.__('Choose an agent, a worktree, a profile, arguments and sharing'),
    icon: agentsIcon,
    describedBy: describe(OPEN_ARGUMENTS),
    execute: async args => {
      const agent = textOf(args, 'agent');
      return openAnswer(context, {
        ...requestOf(args),
        ...(agent === null ? {} : { agent }),
        worktree: placeFor(context, args)
      });
    }
  });
}

/** Open a session, at once where a click on a tile would do the same. */
async function openAsked(context: ICommandContext, request: ILaunchRequest): Promise<unknown> {
  return asksFirst(context, request) ? openAnswer(context, request) : open(context, request);
}

/** Open what the user makes of it in the dialog. */
async function openAnswer(
  context: ICommandContext,
  given: Partial<ILaunchRequest>
): Promise<unknown> {
  const answer = await askForSession(context.model, context.trans, given);
  return answer === null ? null : open(context, answer.request, answer.worktree);
}

const OPEN_ARGUMENTS = {
  agent: { type: 'string', description: "The agent's name, or a command such as bash" },
  worktree: { type: 'string', description: "A directory, absolute or below the server's root" },
  args: { type: 'array', description: "The agent's arguments" },
  profile: { type: 'string', description: 'The account' },
  share_auth: { type: 'boolean', description: 'Whether its credentials are shared' },
  cwd: { type: 'string', description: 'The same as worktree, as a path of the file browser' },
  here: { type: 'boolean', description: 'The directory that is chosen in the file browser' }
};

function requestOf(args: Arguments): Omit<ILaunchRequest, 'agent' | 'worktree'> {
  const profile = textOf(args, 'profile');
  const given = textsOf(args, 'args');
  const share = args.share_auth;
  return {
    ...(given === null ? {} : { args: given }),
    ...(profile === null ? {} : { profile }),
    ...(typeof share === 'boolean' ? { share_auth: share } : {})
  };
}

/** A tile and a menu of agents have the agent's name alone. */
function openLabel(context: ICommandContext, args: Arguments): string {
  const agent = textOf(args, 'agent');
  const { trans } = context;
  if (agent === null) {
    return trans.__('Open Agent…');
  }
  const title = titleOf(context, agent);
  if (args.isTile === true) {
    const problem = currentProblem(context, agent);
    return problem === null
      ? title
      : trans.__('%1 (%2)', title, shortProblem(trans, problem.reason));
  }
  return args.isMenu === true ? title : trans.__('Open %1', title);
}

function openCaption(context: ICommandContext, args: Arguments): string {
  const agent = textOf(args, 'agent');
  const { trans } = context;
  if (agent === null) {
    return trans.__('Open a coding agent in a container, in the current directory');
  }
  return (
    currentProblem(context, agent)?.message ??
    (agent === SHELL
      ? trans.__('Open a shell in the same walls as the agents, in the current directory')
      : trans.__('Open %1 in a container, in the current directory', titleOf(context, agent)))
  );
}

function currentProblem({ model }: ICommandContext, agent: string): IProblem | null {
  return agent === SHELL
    ? shellProblem(model.state.agents.value ?? [])
    : problemOf(model.agent(agent));
}
