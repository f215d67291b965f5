import * as React from 'react';

import { knownProfiles } from '../dialogs/profileNames';
import { messageOf } from '../rest/messageOf';
import type { IAgent } from '../rest/types';
import type { IShared } from './shared';

interface IChosenProfileProps {
  readonly shared: IShared;
  readonly agents: readonly IAgent[];
}

/** Under which profile new sessions start. */
export function ChosenProfile({ shared, agents }: IChosenProfileProps): React.ReactElement {
  const { model, trans } = shared;
  const id = React.useId();
  const [problem, setProblem] = React.useState('');
  const chosen = model.state.settings.value?.profile ?? 'default';
  const choose = async (profile: string) => {
    try {
      await model.setProfile(profile);
      setProblem('');
    } catch (error) {
      setProblem(messageOf(error, trans));
    }
  };
  return (
    <div className="jp-AgentAuth-field">
      <label htmlFor={id}>{trans.__('Profile for new sessions')}</label>
      <select
        id={id}
        className="jp-AgentAuth-input"
        value={chosen}
        aria-describedby={`${id}-hint`}
        onChange={event => {
          void choose(event.target.value);
        }}
      >
        {knownProfiles(agents, chosen).map(name => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      {problem !== '' && (
        <p role="alert" className="jp-AgentAuth-invalid">
          {problem}
        </p>
      )}
      <p id={`${id}-hint`} className="jp-AgentAuth-hint">
        {trans.__('For another account, name a new profile in “New session…”.')}
      </p>
    </div>
  );
}
