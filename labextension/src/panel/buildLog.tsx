import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

interface IBuildLogProps {
  readonly trans: TranslationBundle;
  readonly lines: readonly string[];
}

/** A build's log, which follows its end while nobody scrolls up. */
export function BuildLog({ trans, lines }: IBuildLogProps): React.ReactElement {
  const box = React.useRef<HTMLPreElement>(null);
  const follows = React.useRef(true);
  React.useLayoutEffect(() => {
    if (follows.current && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [lines]);
  return (
    <details
      className="jp-AgentAuth-log"
      onToggle={() => {
        follows.current = true;
        box.current?.scrollTo(0, box.current.scrollHeight);
      }}
    >
      <summary>{trans.__('Log')}</summary>
      <pre
        ref={box}
        tabIndex={0}
        role="region"
        aria-label={trans.__('The build’s log')}
        onScroll={({ currentTarget: at }) => {
          follows.current = at.scrollTop + at.clientHeight >= at.scrollHeight - 4;
        }}
      >
        {lines.join('\n')}
      </pre>
    </details>
  );
}
