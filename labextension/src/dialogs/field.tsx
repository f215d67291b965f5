import * as React from 'react';

export interface IFieldProps {
  readonly label: string;
  /** What is wrong with it, a sentence; empty when nothing is. */
  readonly problem?: string | undefined;
  readonly hint?: string | undefined;
  /** Makes the input; its attributes join it to the label and the sentences. */
  readonly children: (input: {
    readonly id: string;
    readonly 'aria-describedby': string;
    readonly 'aria-invalid': boolean;
  }) => React.ReactNode;
}

/**
 * A labelled input of a dialog, with what is wrong with it beside it, once it was left.
 *
 * That stands in the place of the hint: were it to need a place of its own, what a press of the
 * mouse just left the field for would move away beneath it, and not be clicked.
 */
export function Field({
  label,
  problem = '',
  hint = '',
  children
}: IFieldProps): React.ReactElement {
  const id = React.useId();
  const [left, setLeft] = React.useState(false);
  const shown = left ? problem : '';
  return (
    <div
      className="jp-AgentAuth-field"
      onBlur={() => {
        setLeft(true);
      }}
      onChange={() => {
        setLeft(true);
      }}
    >
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-said`, 'aria-invalid': shown !== '' })}
      <div id={`${id}-said`} aria-live="polite">
        {shown !== '' ? (
          <p className="jp-AgentAuth-invalid">{shown}</p>
        ) : (
          hint !== '' && <p className="jp-AgentAuth-hint">{hint}</p>
        )}
      </div>
    </div>
  );
}
