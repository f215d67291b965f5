import * as React from 'react';

import { SHELL } from '../model/names';
import type { ISettings } from '../rest/types';
import { SelectField } from './selectField';
import { willShare } from './sessionDraft';
import type { ISessionFieldProps } from './sessionFields';

interface IShareFieldProps extends ISessionFieldProps {
  readonly settings: ISettings | null;
}

/** Whether the session shares its sign-in, and that it does. */
export function ShareField(props: IShareFieldProps): React.ReactElement | null {
  const { trans, draft, set, settings } = props;
  if (draft.agent === SHELL) {
    return null;
  }
  const forbidden = settings !== null && !settings.allow_share_auth;
  const shown = forbidden || draft.share === null ? 'default' : draft.share ? 'on' : 'off';
  return (
    <>
      <SelectField
        label={trans.__('Sharing of the sign-in')}
        hint={forbidden ? trans.__('Switched off by the administrator.') : undefined}
        disabled={forbidden}
        value={shown}
        onChange={value => {
          set({ share: value === 'default' ? null : value === 'on' });
        }}
      >
        <option value="default">
          {settings?.share_auth && !forbidden ? trans.__('As set: on') : trans.__('As set: off')}
        </option>
        <option value="on">{trans.__('On for this session')}</option>
        <option value="off">{trans.__('Off for this session')}</option>
      </SelectField>
      <p role="status" className="jp-AgentAuth-shared">
        {willShare(draft, settings) && trans.__('Agent credentials are shared across containers.')}
      </p>
    </>
  );
}
