import * as React from 'react';

import { Field, type IFieldProps } from './field';

interface ITextFieldProps extends Omit<IFieldProps, 'children'> {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  /** Offered; anything else may be entered, too. */
  readonly offered?: readonly string[] | undefined;
  readonly isCode?: boolean;
}

/** A field with a line of text. */
export function TextField(props: ITextFieldProps): React.ReactElement {
  const { value, onChange, placeholder, offered, isCode = false, ...field } = props;
  const list = React.useId();
  return (
    <Field {...field}>
      {input => (
        <>
          <input
            {...input}
            type="text"
            className={isCode ? 'jp-AgentAuth-input jp-AgentAuth-line' : 'jp-AgentAuth-input'}
            autoComplete="off"
            spellCheck={false}
            list={offered && list}
            placeholder={placeholder}
            value={value}
            onChange={event => {
              onChange(event.target.value);
            }}
          />
          {offered && (
            <datalist id={list}>
              {offered.map(name => (
                <option key={name} value={name} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}
