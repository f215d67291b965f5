import * as React from 'react';

import type { IFileDiff } from './diff';

interface IFileDiffProps {
  readonly diff: IFileDiff;
}

/** What changed in one file: the lines that git's diff has, with its marks. */
export const FileDiff = React.memo(function FileDiff({ diff }: IFileDiffProps) {
  const id = React.useId();
  return (
    <section tabIndex={-1} className="jp-AgentAuth-diff" aria-labelledby={id}>
      <h3 id={id}>{diff.path}</h3>
      <div className="jp-AgentAuth-diffLines" tabIndex={0} role="group" aria-labelledby={id}>
        {diff.blocks.map((block, at) => (
          <pre key={at} className={`jp-AgentAuth-diff-${block.kind}`}>
            {block.lines.join('\n')}
          </pre>
        ))}
      </div>
    </section>
  );
});
