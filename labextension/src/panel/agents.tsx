import * as React from 'react';

import { AgentItem } from './agentItem';
import { ChosenProfile } from './chosenProfile';
import { Section } from './section';
import type { IShared } from './shared';

/** The agents, each with its sign-ins. */
export function Agents({ shared }: { readonly shared: IShared }): React.ReactElement {
  const { model, trans } = shared;
  const agents = model.state.agents.value;
  return (
    <Section title={trans.__('Agents')}>
      {agents === null ? (
        <p className="jp-AgentAuth-hint">{trans.__('Not read yet.')}</p>
      ) : (
        <>
          <ul className="jp-AgentAuth-list" role="list">
            {agents.map(agent => (
              <AgentItem key={agent.name} shared={shared} agent={agent} agents={agents} />
            ))}
          </ul>
          <ChosenProfile shared={shared} agents={agents} />
        </>
      )}
    </Section>
  );
}
