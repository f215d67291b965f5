import { SHELL } from '../model/names';
import type { ILaunchRequest } from '../rest/types';
import type { ICommandContext } from './context';

/**
 * Whether a session is opened only after the user has seen how, in the dialog.
 *
 * A command can come from a document: the Markdown of a notebook may hold a button for any
 * command, with any arguments. What a tile does is done at once.
 */
export function asksFirst({ model }: ICommandContext, request: ILaunchRequest): boolean {
  const { agent, args, profile, share_auth } = request;
  const chosen = model.state.settings.value?.profile ?? 'default';
  return (
    (args?.length ?? 0) > 0 ||
    share_auth === true ||
    (profile !== undefined && profile !== chosen) ||
    (agent !== SHELL && model.agent(agent) === null)
  );
}
