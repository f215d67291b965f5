import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

/** What can be done with a session from its output. */
export interface IOutputAction {
  readonly label: string;
  readonly run: () => void;
}

export interface IOutputLineProps {
  readonly trans: TranslationBundle;
  readonly icon: LabIcon;
  readonly title: string;
  /** How it is, where that is not running. */
  readonly sentence: string | null;
  readonly actions: readonly IOutputAction[];
}

/** A session in one line. */
export function OutputLine(props: IOutputLineProps): React.ReactElement {
  const { trans, icon, title, sentence, actions } = props;
  const name = title === '' ? trans.__('An agent') : title;
  return (
    <div className="jp-AgentAuth-outputLine" role="group" aria-label={name}>
      <icon.react tag="span" className="jp-AgentAuth-outputIcon" aria-hidden="true" />
      <span className="jp-AgentAuth-outputTitle">{name}</span>
      <span role="status" className="jp-AgentAuth-outputState">
        {sentence}
      </span>
      {actions.map(({ label, run }) => (
        <button
          key={label}
          type="button"
          className="jp-Button jp-mod-minimal jp-AgentAuth-stateButton"
          onClick={run}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
