import { Dialog } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

/** How a form tells the dialog around it what was entered; null while something is wrong. */
export type Tell<T> = (value: T | null) => void;

/** A form as the body of a dialog. */
class FormBody<T> extends ReactWidget implements Dialog.IBodyWidget<T | null> {
  constructor(
    private readonly form: (tell: Tell<T>) => React.ReactElement,
    private readonly first: string
  ) {
    super();
    this.addClass('jp-AgentAuth-form');
  }

  getValue(): T | null {
    return this.value;
  }

  protected override render(): React.ReactElement {
    return <Rendered then={this.takeFocus}>{this.form(this.tell)}</Rendered>;
  }

  /**
   * The dialog (apputils 4.6) gives the focus in the first idle moment, and to its button when
   * React has rendered nothing until then. The form takes it from there, and from nowhere else.
   */
  private readonly takeFocus = (): void => {
    const focused = document.activeElement;
    const dialog = this.node.closest('.jp-Dialog');
    const isTheUsers =
      dialog?.contains(focused) === true &&
      focused !== dialog &&
      focused?.classList.contains('jp-mod-accept') === false;
    if (!isTheUsers) {
      this.node.querySelector<HTMLElement>(this.first)?.focus();
    }
  };

  private readonly tell: Tell<T> = value => {
    this.value = value;
    // The dialog (apputils 4.6) looks for this class at each input event, which it hears before
    // React does: so there is one more, when the form is as it was entered.
    this.toggleClass('jp-mod-error', value === null);
    this.node.dispatchEvent(new Event('input', { bubbles: true }));
  };

  private value: T | null = null;
}

/** Calls `then` once: when what it holds is in the page. */
function Rendered(props: {
  readonly then: () => void;
  readonly children: React.ReactNode;
}): React.ReactElement {
  const { then, children } = props;
  React.useLayoutEffect(then, [then]);
  return <>{children}</>;
}

/**
 * Show a form; null when it is dismissed.
 *
 * @param form - made with what it calls when what is entered has changed
 * @param first - a selector of the input that has the focus at first
 */
export async function askForm<T>(
  title: string,
  buttons: { readonly accept: string; readonly cancel: string },
  form: (tell: Tell<T>) => React.ReactElement,
  first = 'select, input'
): Promise<T | null> {
  const body = new FormBody(form, first);
  const dialog = new Dialog<T | null>({
    title,
    body,
    focusNodeSelector: first,
    buttons: [
      Dialog.cancelButton({ label: buttons.cancel }),
      Dialog.okButton({ label: buttons.accept })
    ]
  });
  dialog.addClass('jp-AgentAuth-dialog');
  const { button, value } = await dialog.launch();
  return button.accept ? value : null;
}
