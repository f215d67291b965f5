import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { showFailure } from '../dialogs/failure';
import type { AgentAuthModel } from '../model/model';
import { messageOf } from '../rest/messageOf';
import { RequestError } from '../rest/requestError';
import type { ISessionTabs } from '../tokens';

/** What the commands work with. */
export interface ICommandContext {
  readonly app: JupyterFrontEnd;
  readonly model: AgentAuthModel;
  readonly tabs: ISessionTabs;
  readonly fileBrowser: IDefaultFileBrowser | null;
  readonly trans: TranslationBundle;
}

export type Arguments = ReadonlyPartialJSONObject;

/** A string among a command's arguments; null when it is not given. */
export function textOf(args: Arguments, name: string): string | null {
  const value = args[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Strings among a command's arguments; null when they are not given. */
export function textsOf(args: Arguments, name: string): readonly string[] | null {
  const value = args[name];
  return Array.isArray(value) ? value.map(String) : null;
}

/** Add a command; it is there while the server has what it needs. */
export function addCommand(
  { app, model }: Pick<ICommandContext, 'app' | 'model'>,
  id: string,
  options: CommandRegistry.ICommandOptions
): void {
  const isThere = () => model.server !== 'missing';
  app.commands.addCommand(id, {
    ...options,
    isEnabled: args => isThere() && (options.isEnabled?.(args) ?? true),
    isVisible: args => isThere() && (options.isVisible?.(args) ?? true)
  });
}

/** The form of a command's arguments, for whoever asks for it (`describedBy`). */
export function describe(
  properties: Readonly<Record<string, { readonly type: string; readonly description: string }>>,
  required: readonly string[] = []
): { args: { type: string; properties: typeof properties; required: string[] } } {
  return { args: { type: 'object', properties, required: [...required] } };
}

/** Say that something could not be done; returns whether it is to be tried again. */
export async function fail(
  { app, trans }: ICommandContext,
  title: string,
  error: unknown,
  mend: string | null = null,
  canTryAgain = false
): Promise<boolean> {
  if (!(error instanceof RequestError)) {
    console.error(error);
  }
  return showFailure(app.commands, trans, {
    title,
    message: messageOf(error, trans),
    mend,
    canTryAgain
  });
}
