import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Button } from '../panel/button';
import { visible } from '../text/visible';
import type { Since } from './useChanges';

interface IChangesHeaderProps {
  readonly trans: TranslationBundle;
  readonly name: string;
  readonly path: string;
  readonly since: Since;
  readonly onSince: (since: Since) => void;
  readonly reading: boolean;
  readonly onRefresh: () => void;
}

/** Which worktree it is, since when, and Refresh. */
export function ChangesHeader(props: IChangesHeaderProps): React.ReactElement {
  const { trans, name, path, since, onSince, reading, onRefresh } = props;
  const group = React.useId();
  const choices: readonly [Since, string][] = [
    ['head', trans.__('Since the last commit')],
    ['base', trans.__('Since it left the main branch')]
  ];
  return (
    <div className="jp-AgentAuth-changesHeader">
      <h2 className="jp-AgentAuth-panelTitle" title={visible(path)}>
        {trans.__('Changes in %1', name)}
      </h2>
      <fieldset className="jp-AgentAuth-choice">
        <legend className="jp-AgentAuth-unseen">{trans.__('Since when')}</legend>
        {choices.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name={group}
              checked={since === value}
              onChange={() => {
                onSince(value);
              }}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <Button
        label={reading ? trans.__('Reading…') : trans.__('Refresh')}
        inert={reading}
        onClick={onRefresh}
      />
    </div>
  );
}
