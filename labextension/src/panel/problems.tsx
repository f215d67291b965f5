import * as React from 'react';

import { Button } from './button';
import { findings } from './findings';
import { MendButtons } from './mendButtons';
import { Section } from './section';
import { type IShared, PARTS } from './shared';

/** What is wrong, and what mends it; nothing when all is well. */
export function Problems({ shared }: { readonly shared: IShared }): React.ReactElement | null {
  const { model, trans } = shared;
  const [checking, setChecking] = React.useState(false);
  const found = findings(model.state);
  if (found.length === 0) {
    return null;
  }
  const check = async () => {
    setChecking(true);
    const unread = PARTS.filter(part => model.state[part].error !== null);
    try {
      await model.read('checks', 'agents', ...unread);
    } finally {
      setChecking(false);
    }
  };
  return (
    <Section
      title={trans.__('Problems')}
      count={found.length}
      actions={
        <Button
          label={checking ? trans.__('Checking…') : trans.__('Check again')}
          inert={checking}
          onClick={() => {
            void check();
          }}
        />
      }
    >
      <ul className="jp-AgentAuth-list" role="list" aria-live="polite">
        {found.map(({ level, message, mend }) => (
          <li key={message} className={`jp-AgentAuth-item jp-AgentAuth-finding-${level}`}>
            <p className="jp-AgentAuth-sentence">
              <strong>{level === 'problem' ? trans.__('Problem:') : trans.__('Warning:')}</strong>{' '}
              {message}
            </p>
            <MendButtons shared={shared} mend={mend} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
