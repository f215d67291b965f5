import * as React from 'react';

import { visible } from '../text/visible';
import type { IFileDiff } from './diff';

interface IFileDiffProps {
  readonly diff: IFileDiff;
}

/** What changed in one file: the lines that git's diff has, with its marks. */
export const FileDiff = React.memo(function FileDiff({ diff }: IFileDiffProps) {
  const id = React.useId();
  return (
    <section tabIndex={-1} className="jp-AgentAuth-diff" aria-labelledby={id}>
      <h3 id={id}>{visible(diff.path)}</h3>
      <div className="jp-AgentAuth-diffLines" tabIndex={0} role="group" aria-labelledby={id}>
        {diff.blocks.map((block, at) => (
          <pre key={at} className={`jp-AgentAuth-diff-${block.kind}`}>
            {shown(block.lines)}
          </pre>
        ))}
      </div>
    </section>
  );
});

/** The return before each end of a line belongs to it, also to the last one's. */
function shown(lines: readonly string[]): string {
  return visible(`${lines.join('\n')}\n`, true).slice(0, -1);
}
