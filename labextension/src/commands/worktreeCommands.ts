import { addIcon, listIcon } from '@jupyterlab/ui-components';

import { changesId, createChangesWidget } from '../changes/changesWidget';
import { confirmLoss } from '../dialogs/confirm';
import { askForWorktree } from '../dialogs/newWorktree';
import { showWarnings } from '../dialogs/warnings';
import { worktreeName } from '../model/names';
import { RequestError } from '../rest/requestError';
import type { INewWorktree } from '../rest/types';
import { CommandIDs } from '../tokens';
import {
  addCommand,
  type Arguments,
  describe,
  fail,
  type ICommandContext,
  textOf
} from './context';

/** What is lost when a worktree is removed all the same. */
const LOSSES = ['unsaved_work', 'worktree_in_use'];

/** The commands for worktrees. */
export function addWorktreeCommands(context: ICommandContext): void {
  const { trans } = context;
  addCommand(context, CommandIDs.newWorktree, {
    label: trans.__('New Worktree…'),
    caption: trans.__('Make a git worktree with a branch of its own'),
    icon: addIcon,
    describedBy: describe({
      repo: { type: 'string', description: 'Any worktree of the repository' },
      branch: { type: 'string', description: 'Its branch' },
      base: { type: 'string', description: 'What a new branch begins at' },
      path: { type: 'string', description: 'Where it is to lie' },
      carry: { type: 'array', description: 'Ignored files to take along: {path, how}' }
    }),
    execute: args => addWorktree(context, args)
  });
  addCommand(context, CommandIDs.removeWorktree, {
    label: trans.__('Remove Worktree'),
    caption: trans.__('Remove a git worktree; its branch stays'),
    isEnabled: args => textOf(args, 'path') !== null,
    describedBy: describe(
      {
        path: { type: 'string', description: 'The worktree' },
        force: { type: 'boolean', description: 'Stop its agents and discard what is in it' }
      },
      ['path']
    ),
    execute: args => removeWorktree(context, args)
  });
  addCommand(context, CommandIDs.showChanges, {
    label: trans.__('Show Changes'),
    caption: trans.__('What changed in a worktree'),
    icon: listIcon,
    isEnabled: args => pathOf(context, args) !== null,
    describedBy: describe({
      path: { type: 'string', description: 'The worktree; that of the agent in front without it' }
    }),
    execute: args => {
      showChanges(context, args);
    }
  });
}

async function addWorktree(context: ICommandContext, args: Arguments): Promise<unknown> {
  const { model, trans } = context;
  const given = wantedWorktree(args);
  // Whatever more a document may want of it, the user sees in the dialog.
  const { repo, branch, ...more } = given;
  const wanted =
    repo !== undefined && branch !== undefined && Object.keys(more).length === 0
      ? { repo, branch }
      : await askForWorktree(model, trans, given);
  if (wanted === null) {
    return null;
  }
  try {
    const made = await model.addWorktree(wanted);
    showWarnings(trans, made.path, made.warnings);
    return made.path;
  } catch (error) {
    await fail(context, trans.__('The worktree cannot be made'), error);
    return null;
  }
}

function wantedWorktree(args: Arguments): Partial<INewWorktree> {
  const given: Record<string, unknown> = {};
  for (const name of ['repo', 'branch', 'base', 'path']) {
    const value = textOf(args, name);
    if (value !== null) {
      given[name] = value;
    }
  }
  if (Array.isArray(args.carry)) {
    given.carry = args.carry as unknown;
  }
  return given;
}

async function removeWorktree(context: ICommandContext, args: Arguments): Promise<void> {
  const { model, trans } = context;
  const path = textOf(args, 'path');
  if (path === null) {
    return;
  }
  const name = worktreeName(path, model.worktree(path));
  const title = trans.__('Remove the worktree “%1”?', name);
  if (args.force === true) {
    const body = trans.__('What no commit has is lost, and agents that work there are stopped.');
    if (!(await confirmLoss(trans, title, body, trans.__('Remove')))) {
      return;
    }
  }
  try {
    try {
      await model.removeWorktree(path, args.force === true);
    } catch (error) {
      if (!(error instanceof RequestError) || !LOSSES.includes(error.reason)) {
        throw error;
      }
      if (await confirmLoss(trans, title, error.message, trans.__('Remove'))) {
        await model.removeWorktree(path, true);
      }
    }
  } catch (error) {
    await fail(context, trans.__('The worktree “%1” cannot be removed', name), error);
  }
}

function showChanges(context: ICommandContext, args: Arguments): void {
  const { app, model, trans } = context;
  const path = pathOf(context, args);
  if (path === null) {
    return;
  }
  const id = changesId(path);
  if (![...app.shell.widgets('main')].some(widget => widget.id === id)) {
    app.shell.add(createChangesWidget(model, trans, path), 'main');
  }
  app.shell.activateById(id);
}

function pathOf({ model, tabs }: ICommandContext, args: Arguments): string | null {
  const path = textOf(args, 'path');
  return path ?? (tabs.current === null ? null : (model.session(tabs.current)?.worktree ?? null));
}
