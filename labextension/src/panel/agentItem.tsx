import * as React from 'react';

import type { IAgent } from '../rest/types';
import { CommandIDs } from '../tokens';
import { AgentIcon } from './agentIcon';
import { Button } from './button';
import { isCommon } from './findings';
import { MendButtons } from './mendButtons';
import { ProfileItem } from './profileItem';
import { execute, type IShared } from './shared';

interface IAgentItemProps {
  readonly shared: IShared;
  readonly agent: IAgent;
  readonly agents: readonly IAgent[];
}

/** One agent: open it, its sign-ins, and why it cannot run. */
export function AgentItem({ shared, agent, agents }: IAgentItemProps): React.ReactElement {
  const { trans, model } = shared;
  const chosen = model.state.settings.value?.profile ?? 'default';
  // What nobody signed in with is told only of the profile that would be used.
  const profiles = agent.profiles.filter(
    profile => profile.signed_in !== false || profile.name === chosen || agent.profiles.length === 1
  );
  return (
    <li className="jp-AgentAuth-item">
      <div className="jp-AgentAuth-row">
        <AgentIcon agent={agent} />
        <span className="jp-AgentAuth-name">{agent.title}</span>
        <Button
          label={trans.__('Open')}
          name={trans.__('Open %1', agent.title)}
          title={trans.__('Open %1 in the current directory', agent.title)}
          onClick={() => {
            execute(shared, CommandIDs.open, { agent: agent.name });
          }}
        />
      </div>
      <ul className="jp-AgentAuth-sublist" role="list">
        {profiles.map(profile => (
          <ProfileItem
            key={profile.name}
            shared={shared}
            agent={agent}
            profile={profile}
            named={agent.profiles.length > 1}
          />
        ))}
      </ul>
      {profiles
        .filter(profile => profile.signed_in === null)
        .map(profile => (
          <p key={profile.name} className="jp-AgentAuth-sentence jp-AgentAuth-finding-warning">
            {profile.problem}
          </p>
        ))}
      {agent.problem !== null &&
        (isCommon(agent, agents) ? (
          <p className="jp-AgentAuth-hint" title={agent.problem}>
            {trans.__('Cannot run now: see Problems.')}
          </p>
        ) : (
          <div className="jp-AgentAuth-finding-warning">
            <p className="jp-AgentAuth-sentence">{agent.problem}</p>
            <MendButtons shared={shared} mend={agent.mend} />
          </div>
        ))}
    </li>
  );
}
