import type { MainAreaWidget } from '@jupyterlab/apputils';
import type { Terminal } from '@jupyterlab/services';
import type { ITerminal } from '@jupyterlab/terminal';

import { typable } from '../text/visible';
import { CommandIDs } from '../tokens';
import { addCommand, describe, fail, type ICommandContext, textOf } from './context';

/** JupyterLab's own command for a terminal of the server's machine. */
const NEW_TERMINAL = 'terminal:create-new';

/**
 * The command that types a mend into a terminal.
 *
 * @param isPossible - whether terminals open in this page (not in Notebook 7)
 */
export function addMendCommand(context: ICommandContext, isPossible: boolean): void {
  const { app, trans } = context;
  addCommand(context, CommandIDs.typeMend, {
    label: trans.__('Type a Command into a Terminal'),
    caption: trans.__("Open a terminal of the server's machine with a command typed, not sent"),
    isEnabled: () => isPossible && app.commands.hasCommand(NEW_TERMINAL),
    isVisible: args => textOf(args, 'command') !== null,
    describedBy: describe({ command: { type: 'string', description: 'The command' } }, ['command']),
    execute: async args => {
      const command = textOf(args, 'command');
      try {
        const tab = (await app.commands.execute(NEW_TERMINAL)) as
          MainAreaWidget<ITerminal.ITerminal> | undefined;
        if (command !== null && tab !== undefined) {
          typeAfterPrompt(tab.content.session, typable(command));
        }
      } catch (error) {
        await fail(context, trans.__('No terminal can be opened'), error);
      }
    }
  });
}

/** What is typed before a shell reads would be shown twice: it waits for the first output. */
function typeAfterPrompt(connection: Terminal.ITerminalConnection, command: string): void {
  const type = (_: unknown, message: Terminal.IMessage): void => {
    if (message.type === 'stdout') {
      connection.messageReceived.disconnect(type);
      connection.send({ type: 'stdin', content: [command] });
    }
  };
  connection.messageReceived.connect(type);
}
