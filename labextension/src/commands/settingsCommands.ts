import { confirmLoss } from '../dialogs/confirm';
import { agentsIcon } from '../icons/icons';
import type { AgentAuthModel } from '../model/model';
import { CommandIDs, PANEL_ID } from '../tokens';
import {
  addCommand,
  type Arguments,
  describe,
  fail,
  type ICommandContext,
  textOf
} from './context';
import { titleOf } from './opening';

/** The commands for sharing and sign-ins, and for the panel that shows them. */
export function addSettingsCommands(context: ICommandContext): void {
  const { app, model, trans } = context;
  addCommand(context, CommandIDs.toggleSharing, {
    label: trans.__('Share Agent Credentials Across Containers'),
    caption: () =>
      model.state.settings.value?.allow_share_auth === false
        ? trans.__('The administrator of this server does not allow it')
        : trans.__('Sign in once: each container of an agent gets its credentials'),
    isToggleable: true,
    isToggled: () => model.state.settings.value?.share_auth === true,
    isEnabled: () => model.state.settings.value?.allow_share_auth !== false,
    describedBy: describe({
      share: { type: 'boolean', description: 'What it is to be; the other one without it' }
    }),
    execute: async args => {
      const { share } = args;
      try {
        await model.want('settings');
        const wanted = typeof share === 'boolean' ? share : !isShared(model);
        if (!wanted || (await confirmSharing(context))) {
          await model.setSharing(wanted);
        }
      } catch (error) {
        await fail(context, trans.__('Sharing cannot be changed'), error);
      }
    }
  });
  addCommand(context, CommandIDs.signOut, {
    label: args => {
      const agent = textOf(args, 'agent');
      return agent === null
        ? trans.__('Sign Out')
        : args.isMenu === true
          ? titleOf(context, agent)
          : trans.__('Sign Out of %1', titleOf(context, agent));
    },
    caption: trans.__('Delete the stored credentials of an agent'),
    isEnabled: args => textOf(args, 'agent') !== null,
    describedBy: describe(
      {
        agent: { type: 'string', description: "The agent's name" },
        profile: { type: 'string', description: 'The account; the chosen one without it' }
      },
      ['agent']
    ),
    execute: args => signOut(context, args)
  });
  addCommand(context, CommandIDs.showPanel, {
    label: trans.__('Show Agents'),
    caption: trans.__('Show the side panel with agents, worktrees and sessions'),
    icon: agentsIcon,
    execute: () => {
      app.shell.activateById(PANEL_ID);
    }
  });
}

/** The panel's switch says what it does; a command can come from a menu, or from a document. */
async function confirmSharing({ trans }: ICommandContext): Promise<boolean> {
  return confirmLoss(
    trans,
    trans.__('Share agent credentials across containers?'),
    trans.__('Each container of an agent that starts from now on gets what it signed in with.'),
    trans.__('Share')
  );
}

/** Whether sharing is on; what is not known is not switched. */
function isShared(model: AgentAuthModel): boolean {
  const { value, error } = model.state.settings;
  if (value === null) {
    throw error ?? new Error('The settings are not read yet.');
  }
  return value.share_auth;
}

async function signOut(context: ICommandContext, args: Arguments): Promise<void> {
  const { model, trans } = context;
  const agent = textOf(args, 'agent');
  if (agent === null) {
    return;
  }
  await model.want('settings', 'sessions');
  const profile = textOf(args, 'profile') ?? model.state.settings.value?.profile ?? 'default';
  const title = titleOf(context, agent);
  const account = profile === 'default' ? title : trans.__('%1 (profile %2)', title, profile);
  const question = trans.__('Sign out of %1?', account);
  if (
    await confirmLoss(trans, question, whatIsLost(context, agent, profile), trans.__('Sign Out'))
  ) {
    try {
      await model.signOut(agent, profile);
    } catch (error) {
      await fail(context, trans.__('%1 cannot be signed out', account), error);
    }
  }
}

/** What a sign-out deletes, and which running sessions live on it. */
function whatIsLost({ model, trans }: ICommandContext, agent: string, profile: string): string {
  const users = (model.state.sessions.value ?? []).filter(
    session =>
      session.agent === agent &&
      session.profile === profile &&
      session.share_auth &&
      session.state !== 'exited'
  );
  const deleted = trans.__('Its stored credentials are deleted.');
  if (users.length === 0) {
    return deleted;
  }
  const places = users.map(session => session.worktree).join(', ');
  return `${deleted} ${trans._n(
    'A running session uses them and may have to sign in again: %2',
    '%1 running sessions use them and may have to sign in again: %2',
    users.length,
    places
  )}`;
}
