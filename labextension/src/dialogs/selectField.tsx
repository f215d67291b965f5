import * as React from 'react';

import { Field, type IFieldProps } from './field';

interface ISelectFieldProps extends Omit<IFieldProps, 'children'> {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly disabled?: boolean;
  /** The options. */
  readonly children: React.ReactNode;
}

/** A field with a list to choose from. */
export function SelectField(props: ISelectFieldProps): React.ReactElement {
  const { value, onChange, disabled, children, ...field } = props;
  return (
    <Field {...field}>
      {input => (
        <select
          {...input}
          className="jp-AgentAuth-input"
          disabled={disabled}
          value={value}
          onChange={event => {
            onChange(event.target.value);
          }}
        >
          {children}
        </select>
      )}
    </Field>
  );
}
