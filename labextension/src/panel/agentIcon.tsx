import * as React from 'react';

import { agentIcon } from '../icons/icons';
import type { ShownAgent } from '../model/names';

interface IAgentIconProps {
  readonly agent: ShownAgent;
  /** In pixels. */
  readonly size?: number;
}

/** An agent's icon beside its name. */
export function AgentIcon({ agent, size = 20 }: IAgentIconProps): React.ReactElement {
  const icon = agentIcon(agent);
  return (
    <icon.react
      tag="span"
      className="jp-AgentAuth-icon"
      width={`${size}px`}
      height={`${size}px`}
      aria-hidden
    />
  );
}
