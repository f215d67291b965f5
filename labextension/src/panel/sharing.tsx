import * as React from 'react';

import { showFailure } from '../dialogs/failure';
import { messageOf } from '../rest/messageOf';
import { Section } from './section';
import type { IShared } from './shared';

/** Not by the command, which asks first: what it does stands beside the switch. */
async function switchSharing({ model, commands, trans }: IShared, on: boolean): Promise<void> {
  try {
    await model.setSharing(on);
  } catch (error) {
    await showFailure(commands, trans, {
      title: trans.__('Sharing cannot be changed'),
      message: messageOf(error, trans),
      mend: null,
      canTryAgain: false
    });
  }
}

/** The sharing switch. It shows what the server says, and nothing else. */
export function Sharing({ shared }: { readonly shared: IShared }): React.ReactElement {
  const { model, trans } = shared;
  const id = React.useId();
  const settings = model.state.settings.value;
  const on = settings?.share_auth ?? false;
  const forbidden = settings !== null && !settings.allow_share_auth;
  const inert = settings === null || forbidden;
  const kept = settings?.auth_dir ?? '…';
  return (
    <Section title={trans.__('Sharing')}>
      <div className="jp-AgentAuth-switchRow">
        <span id={`${id}-label`}>{trans.__('Share sign-ins between containers')}</span>
        <button
          type="button"
          role="switch"
          className="jp-AgentAuth-switch"
          aria-checked={on}
          aria-disabled={inert || undefined}
          aria-labelledby={`${id}-label`}
          aria-describedby={`${id}-sentence`}
          onClick={
            inert
              ? undefined
              : () => {
                  void switchSharing(shared, !on);
                }
          }
        >
          <span className="jp-AgentAuth-switchTrack" aria-hidden>
            <span className="jp-AgentAuth-switchThumb" />
          </span>
          <span className="jp-AgentAuth-switchText" aria-hidden>
            {on ? trans.__('On') : trans.__('Off')}
          </span>
        </button>
      </div>
      <div id={`${id}-sentence`} className="jp-AgentAuth-hint">
        {forbidden ? (
          <p>
            {trans.__(
              'Switched off by the administrator (c.AgentAuth.allow_share_auth): what an agent signs in with ends with its container.'
            )}
          </p>
        ) : (
          <>
            <p>
              {trans.__(
                'Sign in once: credentials are kept in %1 and shared with every container of that agent.',
                kept
              )}
            </p>
            <p>
              {on
                ? trans.__('Running sessions keep the setting they started with.')
                : trans.__(
                    'While it is off, what an agent signs in with ends with its container. Running sessions keep the setting they started with.'
                  )}
            </p>
          </>
        )}
      </div>
    </Section>
  );
}
