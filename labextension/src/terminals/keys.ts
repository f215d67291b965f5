/** Where Lumino (commands 2.3) finds it, no shortcut begins at that element. */
const SUPPRESS = 'data-lm-suppress-shortcuts';

type ModifierKeys = 'ctrlKey' | 'shiftKey' | 'metaKey' | 'altKey';

/** The class of what shows an agent's terminal in an output. */
export const INLINE = 'jp-AgentAuth-inline';

/**
 * Whether a key belongs to the agent: Ctrl-P, Ctrl-N, Ctrl-B and the like are what agents and
 * shells are used with. With Shift or Meta they stay JupyterLab's, whose shortcuts begin so.
 */
export function belongsToAgent(event: Pick<KeyboardEvent, ModifierKeys>): boolean {
  return event.ctrlKey && !event.shiftKey && !event.metaKey && !event.altKey;
}

/**
 * Whether a key in an agent's terminal in a notebook must not reach the notebook, whose shortcuts
 * are single keys (`dd`) and the like of Shift-Enter. The page's own begin with Ctrl-Shift.
 */
export function isLostOnNotebook(event: Pick<KeyboardEvent, ModifierKeys>): boolean {
  return !((event.ctrlKey || event.metaKey) && event.shiftKey);
}

/**
 * Let keys that belong to the agent pass by JupyterLab's shortcuts.
 *
 * JupyterLab (4.6, Lumino's application 2.4) looks at keys in the document's capturing phase,
 * before a terminal sees them; the window's is the one before that.
 *
 * @param within - the class of the elements that it holds for
 */
export function keepKeysForAgents(within: string): void {
  window.addEventListener(
    'keydown',
    event => {
      const target = event.target;
      if (target instanceof Element && target.closest(`.${within}`) !== null) {
        const isInline = target.closest(`.${INLINE}`) !== null;
        target.toggleAttribute(
          SUPPRESS,
          isInline ? isLostOnNotebook(event) : belongsToAgent(event)
        );
      }
    },
    true
  );
}
