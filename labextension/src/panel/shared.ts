import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { AgentAuthModel } from '../model/model';
import type { Part } from '../model/parts';

/** What every part of the panel works with. */
export interface IShared {
  readonly model: AgentAuthModel;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
}

/** What the panel shows of the server's state. */
export const PARTS: readonly Part[] = [
  'sessions',
  'worktrees',
  'agents',
  'settings',
  'image',
  'checks'
];

/** Execute one of our commands, which show their own failures. */
export function execute(shared: IShared, id: string, args: ReadonlyPartialJSONObject = {}): void {
  shared.commands.execute(id, args).catch((error: unknown) => {
    console.error(error);
  });
}
