import { Dialog, Notification, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

/** Longer messages JupyterLab (4.6) cuts off. */
const LONGEST_NOTIFICATION = 140;

/** Show what went less well, as one notification. */
export function showWarnings(
  trans: TranslationBundle,
  title: string,
  warnings: readonly string[]
): void {
  if (warnings.length === 0) {
    return;
  }
  const message = warnings.join(' ');
  const showAll = {
    label: trans.__('Read it all'),
    callback: () => {
      void showDialog({
        title,
        body: ReactWidget.create(
          <div className="jp-AgentAuth-failure">
            {warnings.map(warning => (
              <p key={warning}>{warning}</p>
            ))}
          </div>
        ),
        buttons: [Dialog.okButton({ label: trans.__('Close') })]
      });
    }
  };
  Notification.warning(message, {
    autoClose: false,
    actions: message.length > LONGEST_NOTIFICATION ? [showAll] : []
  });
}
