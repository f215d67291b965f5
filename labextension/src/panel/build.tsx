import * as React from 'react';

import type { IBuild } from '../model/build';
import { CommandIDs } from '../tokens';
import { Button } from './button';
import { BuildLog } from './buildLog';
import { execute, type IShared } from './shared';

interface IBuildProps {
  readonly shared: IShared;
  readonly build: IBuild;
}

/** A build that runs, here or in another window, or how the last one ended. */
export function Build({ shared, build }: IBuildProps): React.ReactElement {
  const { trans } = shared;
  const running = build.state === 'running';
  return (
    <div>
      {running && (
        <div className="jp-AgentAuth-row">
          <Progress shared={shared} build={build} />
          <Button
            label={trans.__('Cancel')}
            name={trans.__('Cancel the build')}
            onClick={() => {
              execute(shared, CommandIDs.cancelBuild);
            }}
          />
        </div>
      )}
      <p
        role={build.state === 'failed' ? 'alert' : 'status'}
        // The progress bar tells the step; each line of the log would be read aloud for minutes.
        aria-live={running ? 'off' : undefined}
        className={
          build.state === 'failed'
            ? 'jp-AgentAuth-sentence jp-AgentAuth-finding-problem'
            : 'jp-AgentAuth-buildMessage jp-AgentAuth-meta'
        }
        title={build.message}
      >
        {message(shared, build)}
      </p>
      {build.log.length > 0 && <BuildLog trans={trans} lines={build.log} />}
    </div>
  );
}

function Progress({ shared, build }: IBuildProps): React.ReactElement {
  const { trans } = shared;
  const { step, total } = build;
  const known = step !== null && total !== null && total > 0;
  const value = known && {
    'aria-valuemin': 0,
    'aria-valuemax': total,
    'aria-valuenow': step,
    'aria-valuetext': trans.__('step %1 of %2', step, total)
  };
  return (
    <div
      role="progressbar"
      className="jp-AgentAuth-progress"
      aria-label={trans.__('Building the image')}
      {...value}
    >
      {known ? (
        <div className="jp-AgentAuth-progressDone" style={{ width: `${(100 * step) / total}%` }} />
      ) : (
        <div className="jp-AgentAuth-progressDone jp-AgentAuth-progressUnknown" />
      )}
    </div>
  );
}

function message({ trans }: IShared, build: IBuild): string {
  switch (build.state) {
    case 'running':
      if (build.step !== null && build.total !== null) {
        return trans.__('Step %1 of %2: %3', build.step, build.total, build.message);
      }
      return build.message === '' ? trans.__('The build begins.') : build.message;
    case 'done':
      return trans.__('The image is built.');
    case 'cancelled':
      return trans.__('The build was cancelled. The image is as it was.');
    case 'failed':
      return build.message;
  }
}
