import type { ICommandContext } from './context';
import { type Arguments, textOf } from './context';

/**
 * Where an agent is to be opened: the directory that the arguments name, or the one that the
 * user looks at.
 *
 * @returns a directory, absolute or relative to the server's root
 */
export function placeFor(context: ICommandContext, args: Arguments): string {
  const worktree = textOf(args, 'worktree');
  if (worktree !== null) {
    return worktree;
  }
  // A launcher gives its own, which may be the root: ''.
  const path =
    typeof args.cwd === 'string'
      ? args.cwd
      : args.here === true
        ? chosenDirectory(context)
        : currentDirectory(context);
  return context.app.serviceManager.contents.localPath(path) || '.';
}

function currentDirectory({ fileBrowser }: ICommandContext): string {
  return fileBrowser?.model.path ?? '';
}

/** The directory that is chosen in the file browser, or the one that it shows. */
function chosenDirectory(context: ICommandContext): string {
  const [chosen] = context.fileBrowser?.selectedItems() ?? [];
  return chosen?.type === 'directory' ? chosen.path : currentDirectory(context);
}
