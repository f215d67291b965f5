import * as React from 'react';

import { CommandIDs } from '../tokens';
import { Button } from './button';
import { Section } from './section';
import { inOrder } from './sessionOrder';
import { SessionItem } from './sessionItem';
import { execute, type IShared } from './shared';
import { useNow } from './useNow';

const AGES = 20_000;

/** The sessions: those that run, and those that ended. */
export function Sessions({ shared }: { readonly shared: IShared }): React.ReactElement {
  const { model, trans } = shared;
  const now = useNow(AGES);
  const { value, error } = model.state.sessions;
  return (
    <Section title={trans.__('Sessions')} count={value?.length}>
      {value === null ? (
        <p className="jp-AgentAuth-hint">
          {error ? trans.__('They cannot be listed now.') : trans.__('Not read yet.')}
        </p>
      ) : value.length === 0 ? (
        <div className="jp-AgentAuth-empty">
          <p>
            {trans.__(
              'No agent runs. A tile of the launcher opens one in the file browser’s directory; here you choose where, and how:'
            )}
          </p>
          <Button
            label={trans.__('New session…')}
            onClick={() => {
              execute(shared, CommandIDs.newSession);
            }}
          />
        </div>
      ) : (
        <ul className="jp-AgentAuth-list" role="list">
          {inOrder(value).map(session => (
            <SessionItem key={session.id} shared={shared} session={session} now={now} />
          ))}
        </ul>
      )}
    </Section>
  );
}
