import * as React from 'react';

import { SHELL } from '../model/names';
import type { IAgent, ISettings } from '../rest/types';
import { knownProfiles } from './profileNames';
import { SelectField } from './selectField';
import { sessionProblems } from './sessionDraft';
import type { ISessionFieldProps } from './sessionFields';
import { TextField } from './textField';

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
      <SelectField
        label={trans.__('Profile')}
        value={draft.profile ?? NEW}
        onChange={value => {
          set({ profile: value === NEW ? null : value });
        }}
      >
        {known.map(name => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
        <option value={NEW}>{trans.__('New profile…')}</option>
      </SelectField>
      {draft.profile === null && (
        <TextField
          label={trans.__('Name of the new profile')}
          problem={
            sessionProblems(draft).profile
              ? trans.__('Use small letters, digits and _ . - (64 at most).')
              : undefined
          }
          hint={trans.__('It is another account, with a sign-in of its own.')}
          placeholder={trans.__('work')}
          value={draft.newProfile}
          onChange={value => {
            set({ newProfile: value.trim() });
          }}
        />
      )}
    </>
  );
}
