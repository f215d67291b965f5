import { Clipboard, Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { type Mend, mendFor } from '../model/mend';
import { CommandIDs } from '../tokens';

/** Something that could not be done. */
interface IFailure {
  readonly title: string;
  /** The server's sentence. */
  readonly message: string;
  /** What mends it, as the server names it. */
  readonly mend: string | null;
  /** Whether it makes sense to try it again here. */
  readonly canTryAgain: boolean;
}

/**
 * Say that something could not be done, and offer what mends it.
 *
 * @returns whether it is to be tried again
 */
export async function showFailure(
  commands: CommandRegistry,
  trans: TranslationBundle,
  failure: IFailure
): Promise<boolean> {
  const mend = mendFor(failure.mend);
  const { button } = await showDialog({
    title: failure.title,
    body: ReactWidget.create(<Failure trans={trans} message={failure.message} mend={mend} />),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Close') }),
      ...mendButtons(commands, trans, mend),
      ...(failure.canTryAgain && mend?.kind !== 'build'
        ? [Dialog.okButton({ label: trans.__('Try Again'), actions: ['again'] })]
        : [])
    ]
  });
  const [action] = button.actions;
  if (action === 'build') {
    await commands.execute(CommandIDs.buildImage);
  } else if (action === 'terminal' && mend?.kind === 'command') {
    await commands.execute(CommandIDs.typeMend, { command: mend.command });
  }
  return action === 'again';
}

function mendButtons(
  commands: CommandRegistry,
  trans: TranslationBundle,
  mend: Mend | null
): Dialog.IButton[] {
  if (mend?.kind === 'build') {
    return [
      Dialog.okButton({
        label: trans.__('Build Image'),
        caption: trans.__('Build the image in which agents run'),
        actions: ['build']
      })
    ];
  }
  if (mend?.kind === 'command' && commands.isEnabled(CommandIDs.typeMend)) {
    return [
      Dialog.createButton({
        label: trans.__('In a Terminal'),
        caption: trans.__('Open a terminal with the command typed, not sent'),
        actions: ['terminal']
      })
    ];
  }
  return [];
}

function Failure(props: {
  trans: TranslationBundle;
  message: string;
  mend: Mend | null;
}): React.ReactElement {
  const { trans, message, mend } = props;
  const line = mend?.kind === 'command' ? mend.command : null;
  const setting = mend?.kind === 'configuration' ? mend.line : null;
  return (
    <div className="jp-AgentAuth-failure">
      <p>{message}</p>
      {line !== null && <Line trans={trans} label={trans.__('This mends it:')} line={line} />}
      {setting !== null && (
        <Line
          trans={trans}
          label={trans.__('This line in jupyter_server_config.py mends it:')}
          line={setting}
        />
      )}
    </div>
  );
}

function Line(props: { trans: TranslationBundle; label: string; line: string }) {
  const { trans, label, line } = props;
  return (
    <>
      <p>{label}</p>
      <div className="jp-AgentAuth-failureLine">
        <code>{line}</code>
        <button
          type="button"
          className="jp-Button jp-mod-minimal"
          title={trans.__('Copy')}
          aria-label={trans.__('Copy')}
          onClick={() => {
            Clipboard.copyToSystem(line);
          }}
        >
          <copyIcon.react tag="span" aria-hidden="true" />
        </button>
      </div>
    </>
  );
}
