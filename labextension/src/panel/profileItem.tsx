import * as React from 'react';

import type { IAgent, IProfile } from '../rest/types';
import { CommandIDs } from '../tokens';
import { dateAndTime } from './ages';
import { Button } from './button';
import { execute, type IShared } from './shared';

interface IProfileItemProps {
  readonly shared: IShared;
  readonly agent: IAgent;
  readonly profile: IProfile;
  /** Whether to say which profile it is. */
  readonly named: boolean;
}

/** Whether an agent is signed in under one profile. */
export function ProfileItem(props: IProfileItemProps): React.ReactElement {
  const { shared, agent, profile, named } = props;
  const { trans } = shared;
  const until = dateAndTime(profile.expires);
  const state =
    profile.signed_in === null
      ? trans.__('sign-in unknown')
      : !profile.signed_in
        ? trans.__('not signed in')
        : until === ''
          ? trans.__('signed in')
          : trans.__('signed in until %1', until);
  return (
    <li className="jp-AgentAuth-row jp-AgentAuth-meta">
      <span className="jp-AgentAuth-name">{named ? `${profile.name}: ${state}` : state}</span>
      {profile.signed_in !== false && (
        <Button
          label={trans.__('Sign out')}
          name={
            named
              ? trans.__('Sign out of %1, profile %2', agent.title, profile.name)
              : trans.__('Sign out of %1', agent.title)
          }
          onClick={() => {
            execute(shared, CommandIDs.signOut, { agent: agent.name, profile: profile.name });
          }}
        />
      )}
    </li>
  );
}
