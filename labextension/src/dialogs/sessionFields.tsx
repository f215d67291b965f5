import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { SHELL } from '../model/names';
import type { IAgent } from '../rest/types';
import { hasHidden, visible } from '../text/visible';
import { SelectField } from './selectField';
import { type ISessionDraft, sessionProblems } from './sessionDraft';
import { TextField } from './textField';

/** What each field of the dialog for a session works with. */
export interface ISessionFieldProps {
  readonly trans: TranslationBundle;
  readonly draft: ISessionDraft;
  readonly set: (change: Partial<ISessionDraft>) => void;
}

export function AgentField(
  props: ISessionFieldProps & { readonly agents: readonly IAgent[] }
): React.ReactElement {
  const { trans, draft, set, agents } = props;
  const problem = agents.find(({ name }) => name === draft.agent)?.problem ?? undefined;
  return (
    <SelectField
      label={trans.__('Agent')}
      hint={problem}
      value={draft.agent}
      onChange={value => {
        set({ agent: value });
      }}
    >
      {agents.map(({ name, title }) => (
        <option key={name} value={name}>
          {title}
        </option>
      ))}
      <option value={SHELL}>{trans.__('Shell, without credentials')}</option>
      {draft.agent !== SHELL && !agents.some(({ name }) => name === draft.agent) && (
        // Whatever a command asked for is shown, not the first of those that are known.
        <option value={draft.agent}>{visible(draft.agent)}</option>
      )}
    </SelectField>
  );
}

export function ArgumentsField({ trans, draft, set }: ISessionFieldProps): React.ReactElement {
  return (
    <TextField
      label={trans.__('Arguments')}
      problem={
        sessionProblems(draft).line ? trans.__('A quote or a backslash is left open.') : undefined
      }
      hint={
        hasHidden(draft.line)
          ? trans.__('It holds characters that are not seen: %1', visible(draft.line))
          : trans.__('For the agent, split as in a shell: --resume, or -p "two words".')
      }
      isCode
      value={draft.line}
      onChange={line => {
        set({ line });
      }}
    />
  );
}
