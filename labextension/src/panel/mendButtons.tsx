import { Clipboard } from '@jupyterlab/apputils';
import * as React from 'react';

import { mendFor } from '../model/mend';
import { CommandIDs } from '../tokens';
import { Button } from './button';
import { execute, type IShared } from './shared';

/** What mends a problem: a button, or a command to copy or to have typed. */
export function MendButtons(props: {
  readonly shared: IShared;
  readonly mend: string | null;
}): React.ReactElement | null {
  const { shared } = props;
  const { trans, model } = shared;
  const mend = mendFor(props.mend);
  if (mend === null) {
    return null;
  }
  if (mend.kind === 'build') {
    const running = model.build?.state === 'running';
    return (
      <Button
        kind="accept"
        label={running ? trans.__('Being built…') : trans.__('Build image')}
        inert={running}
        onClick={() => {
          execute(shared, CommandIDs.buildImage);
        }}
      />
    );
  }
  const text = mend.kind === 'command' ? mend.command : mend.line;
  return (
    <div className="jp-AgentAuth-mend">
      {mend.kind === 'configuration' && (
        <p>{trans.__('In jupyter_server_config.py, and then start the server again:')}</p>
      )}
      <code className="jp-AgentAuth-command">{text}</code>
      <div className="jp-AgentAuth-actions">
        <Button
          label={trans.__('Copy')}
          name={trans.__('Copy: %1', text)}
          onClick={() => {
            Clipboard.copyToSystem(text);
          }}
        />
        {mend.kind === 'command' && shared.commands.isEnabled(CommandIDs.typeMend) && (
          <Button
            label={trans.__('In a terminal')}
            name={trans.__('In a terminal: %1', text)}
            title={trans.__('Opens a terminal with this command typed, for you to send')}
            onClick={() => {
              execute(shared, CommandIDs.typeMend, { command: text });
            }}
          />
        )}
      </div>
    </div>
  );
}
