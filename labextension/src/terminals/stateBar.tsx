import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

/** What a session's tab says above its screen. */
export interface IStateBarProps {
  readonly trans: TranslationBundle;
  /** Null: there is nothing to say. */
  readonly sentence: string | null;
  /** What more is known of it. */
  readonly problem: string | null;
  /** The end of the screen, where there is no screen. */
  readonly lastLines: readonly string[];
  /** Whether it has ended; else this is about the connection. */
  readonly ended: boolean;
  /** Whether it is being restarted. */
  readonly busy: boolean;
  readonly restart: () => void;
  readonly close: () => void;
}

export function StateBar(props: IStateBarProps): React.ReactElement {
  const { trans, sentence, problem, lastLines, ended } = props;
  const shown = sentence !== null;
  return (
    <>
      {/* Always there: what comes into a live region later is read aloud. */}
      <div role="status" className="jp-AgentAuth-stateText">
        {shown && <span className="jp-AgentAuth-stateSentence">{sentence}</span>}
        {shown && problem !== null && <span> {problem}</span>}
      </div>
      {shown && ended && (
        <div className="jp-AgentAuth-stateButtons">
          <button
            type="button"
            className="jp-Button jp-mod-minimal jp-AgentAuth-stateButton"
            aria-disabled={props.busy || undefined}
            onClick={props.busy ? undefined : props.restart}
          >
            <refreshIcon.react tag="span" aria-hidden="true" />
            {trans.__('Restart')}
          </button>
          <button
            type="button"
            className="jp-Button jp-mod-minimal jp-AgentAuth-stateButton"
            onClick={props.close}
          >
            <closeIcon.react tag="span" aria-hidden="true" />
            {trans.__('Close')}
          </button>
        </div>
      )}
      {shown && lastLines.length > 0 && (
        <pre
          className="jp-AgentAuth-lastLines"
          role="region"
          tabIndex={0}
          aria-label={trans.__('Its last lines')}
        >
          {lastLines.join('\n')}
        </pre>
      )}
    </>
  );
}
