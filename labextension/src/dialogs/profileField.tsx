import * as React from 'react';

import { SHELL } from '../model/names';
import type { IAgent, ISettings } from '../rest/types';
import { Field } from './field';
import { knownProfiles } from './profileNames';
import { sessionProblems } from './sessionDraft';
import type { ISessionFieldProps } from './sessionFields';

/** A value of the list that is no profile's name. */
const NEW = '+';

interface IProfileFieldProps extends ISessionFieldProps {
  readonly agents: readonly IAgent[];
  readonly settings: ISettings | null;
}

/** Under which of several accounts the agent runs. */
export function ProfileField(props: IProfileFieldProps): React.ReactElement | null {
  const { trans, draft, set, agents, settings } = props;
  if (draft.agent === SHELL) {
    return null;
  }
  const known = knownProfiles(agents, draft.profile ?? settings?.profile ?? '');
  return (
    <>
      <Field label={trans.__('Profile')}>
        {input => (
          <select
            {...input}
            className="jp-AgentAuth-input"
            value={draft.profile ?? NEW}
            onChange={event => {
              set({ profile: event.target.value === NEW ? null : event.target.value });
            }}
          >
            {known.map(name => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
            <option value={NEW}>{trans.__('New profile…')}</option>
          </select>
        )}
      </Field>
      {draft.profile === null && (
        <Field
          label={trans.__('Name of the new profile')}
          problem={
            sessionProblems(draft).profile
              ? trans.__('Use small letters, digits and _ . - (64 at most).')
              : undefined
          }
          hint={trans.__('It is another account, with a sign-in of its own.')}
        >
          {input => (
            <input
              {...input}
              type="text"
              className="jp-AgentAuth-input"
              autoComplete="off"
              spellCheck={false}
              placeholder={trans.__('work')}
              value={draft.newProfile}
              onChange={event => {
                set({ newProfile: event.target.value.trim() });
              }}
            />
          )}
        </Field>
      )}
    </>
  );
}
