import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IChangedFile } from '../rest/types';
import { visible } from '../text/visible';

interface IFileListProps {
  readonly trans: TranslationBundle;
  readonly files: readonly IChangedFile[];
  /** Paths whose differences are shown below. */
  readonly shown: ReadonlySet<string>;
  readonly onChoose: (path: string) => void;
}

/** The changed files; a click goes to what changed in one. */
export function FileList({ trans, files, shown, onChoose }: IFileListProps): React.ReactElement {
  return (
    <ul className="jp-AgentAuth-files" role="list" aria-label={trans.__('Changed files')}>
      {files.map(file => (
        <li key={file.path} className="jp-AgentAuth-file">
          <span className="jp-AgentAuth-fileStatus">{statusText(file.status, trans)}</span>
          {shown.has(file.path) ? (
            <button
              type="button"
              className="jp-AgentAuth-button jp-AgentAuth-button-link jp-AgentAuth-name"
              onClick={() => {
                onChoose(file.path);
              }}
            >
              {visible(file.path)}
            </button>
          ) : (
            <span className="jp-AgentAuth-name">{visible(file.path)}</span>
          )}
          <span className="jp-AgentAuth-fileCounts">
            {file.added !== null && <span className="jp-AgentAuth-plus">+{file.added}</span>}
            {file.removed !== null && <span className="jp-AgentAuth-minus">−{file.removed}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function statusText(status: string, trans: TranslationBundle): string {
  switch (status) {
    case 'added':
      return trans.__('added');
    case 'modified':
      return trans.__('modified');
    case 'deleted':
      return trans.__('deleted');
    case 'renamed':
      return trans.__('renamed');
    case 'untracked':
      return trans.__('untracked');
    default:
      return status;
  }
}
