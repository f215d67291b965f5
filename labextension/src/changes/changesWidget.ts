import { MainAreaWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { createElement } from 'react';

import { worktreeIcon } from '../icons/icons';
import type { AgentAuthModel } from '../model/model';
import { worktreeName } from '../model/names';
import { visible } from '../text/visible';
import { FollowedChanges } from './changes';

/** The id that a worktree's changes have in the shell. */
export function changesId(path: string): string {
  return `agentauth-changes-${path}`;
}

/** A tab with what changed in a worktree. */
export function createChangesWidget(
  model: AgentAuthModel,
  trans: TranslationBundle,
  path: string
): MainAreaWidget {
  const content = ReactWidget.create(createElement(FollowedChanges, { model, trans, path }));
  content.addClass('jp-AgentAuth-changes');
  const widget = new MainAreaWidget({ content });
  widget.id = changesId(path);
  const { title } = widget;
  title.icon = worktreeIcon;
  title.caption = trans.__('What changed in %1', visible(path));
  title.closable = true;
  const name = () => {
    title.label = trans.__('Changes · %1', worktreeName(path, model.worktree(path)));
  };
  name();
  model.changed.connect(name);
  widget.disposed.connect(() => {
    model.changed.disconnect(name);
  });
  void model.want('worktrees');
  return widget;
}
