import { Terminal } from '@jupyterlab/terminal';

/** JupyterLab's terminal, in which an agent gets every Escape. */
export class AgentTerminal extends Terminal {
  /**
   * JupyterLab's terminal (4.6) takes a second Escape to leave the terminal, but agents are
   * interrupted and turned back with it (Claude Code 2.1: twice). Who has it read aloud keeps it.
   */
  override handleEvent(event: Event): void {
    const escape = event instanceof KeyboardEvent && event.key === 'Escape';
    if (!escape || this.getOption('screenReaderMode')) {
      super.handleEvent(event);
    }
  }
}
