import { MainAreaWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import { worktreeIcon } from '../icons/icons';
import type { AgentAuthModel } from '../model/model';
import { worktreeName } from '../model/names';
import { Changes } from './changes';

/** A tab with what changed in a worktree. */
export function createChangesWidget(
  model: AgentAuthModel,
  trans: TranslationBundle,
  path: string
): MainAreaWidget {
  const content = new ChangesWidget(model, trans, path);
  const widget = new MainAreaWidget({ content });
  widget.id = `agentauth-changes-${path}`;
  const { title } = widget;
  title.icon = worktreeIcon;
  title.caption = trans.__('What changed in %1', path);
  title.closable = true;
  const name = () => {
    title.label = trans.__('Changes · %1', worktreeName(path, model.worktree(path)));
  };
  name();
  model.changed.connect(name);
  widget.disposed.connect(() => {
    model.changed.disconnect(name);
  });
  return widget;
}

class ChangesWidget extends ReactWidget {
  constructor(
    private readonly model: AgentAuthModel,
    private readonly trans: TranslationBundle,
    private readonly path: string
  ) {
    super();
    this.addClass('jp-AgentAuth-changes');
    void model.want('worktrees');
  }

  protected override render(): React.ReactElement {
    const { model, trans, path } = this;
    return (
      <UseSignal signal={model.changed}>
        {() => <Changes model={model} trans={trans} path={path} worktree={model.worktree(path)} />}
      </UseSignal>
    );
  }
}
