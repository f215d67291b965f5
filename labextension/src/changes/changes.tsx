import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { AgentAuthModel } from '../model/model';
import { worktreeName } from '../model/names';
import type { IWorktree } from '../rest/types';
import { hasHidden } from '../text/visible';
import { ChangesHeader } from './changesHeader';
import { parseDiff } from './diff';
import { FileDiff } from './fileDiff';
import { FileList } from './fileList';
import { type Since, useChanges } from './useChanges';

interface IFollowedProps {
  readonly model: AgentAuthModel;
  readonly trans: TranslationBundle;
  readonly path: string;
}

interface IChangesProps extends IFollowedProps {
  readonly worktree: IWorktree | null;
}

/** What changed in a worktree, read again when the model knows of another state of it. */
export function FollowedChanges(props: IFollowedProps): React.ReactElement {
  return (
    <UseSignal signal={props.model.changed}>
      {() => <Changes {...props} worktree={props.model.worktree(props.path)} />}
    </UseSignal>
  );
}

/** What changed in a worktree: its files, and the differences. */
function Changes({ model, trans, path, worktree }: IChangesProps): React.ReactElement {
  const [since, setSince] = React.useState<Since>('head');
  const stamp = worktree === null ? '' : `${worktree.head ?? ''} ${worktree.changes}`;
  const [{ value, problem, reading }, again] = useChanges(model, trans, path, since, stamp);
  const diffs = React.useMemo(() => parseDiff(value?.diff ?? ''), [value]);
  const isHiding = React.useMemo(
    () =>
      value !== null &&
      (hasHidden(value.diff, true) || value.files.some(({ path }) => hasHidden(path))),
    [value]
  );
  const content = React.useRef<HTMLDivElement>(null);
  const go = (file: string) => {
    const at = diffs.findIndex(diff => diff.path === file);
    const section = content.current?.querySelectorAll<HTMLElement>('.jp-AgentAuth-diff')[at];
    section?.scrollIntoView({ block: 'start' });
    section?.focus({ preventScroll: true });
  };
  return (
    <div ref={content} className="jp-AgentAuth-changesContent" aria-busy={reading}>
      <ChangesHeader
        trans={trans}
        name={worktreeName(path, worktree)}
        path={path}
        since={since}
        onSince={setSince}
        reading={reading}
        onRefresh={again}
      />
      {problem !== '' && (
        <p role="alert" className="jp-AgentAuth-sentence jp-AgentAuth-finding-problem">
          {problem}
        </p>
      )}
      {value?.problem && (
        <p className="jp-AgentAuth-sentence jp-AgentAuth-finding-warning">{value.problem}</p>
      )}
      {value?.files.length === 0 && (
        <p className="jp-AgentAuth-empty">
          {value.since === 'head'
            ? trans.__('Nothing changed since the last commit.')
            : trans.__('Nothing changed since it left the main branch.')}
        </p>
      )}
      {value !== null && value.files.length > 0 && (
        <FileList
          trans={trans}
          files={value.files}
          shown={new Set(diffs.map(diff => diff.path))}
          onChoose={go}
        />
      )}
      {value?.truncated && (
        <p className="jp-AgentAuth-sentence jp-AgentAuth-finding-warning">
          {trans.__('The differences are too long to be shown whole: see the rest with git diff.')}
        </p>
      )}
      {isHiding && (
        <p role="alert" className="jp-AgentAuth-sentence jp-AgentAuth-finding-warning">
          {trans.__(
            'Invisible characters, and those that change the direction of text or move the cursor, are shown by their numbers, as [U+202E].'
          )}
        </p>
      )}
      {/* A file that became a link has two diffs. */}
      {diffs.map((diff, at) => (
        <FileDiff key={`${at} ${diff.path}`} diff={diff} />
      ))}
    </div>
  );
}
