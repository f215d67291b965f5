import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { size } from '../model/size';
import type { ICarry, IIgnored } from '../rest/types';
import { visible } from '../text/visible';
import { filterIgnored } from './ignored';
import { carrying } from './worktreeDraft';

interface ICarryFieldsProps {
  readonly trans: TranslationBundle;
  readonly ignored: readonly IIgnored[];
  readonly carry: readonly ICarry[];
  readonly onChange: (carry: readonly ICarry[]) => void;
}

/** So many are looked over at a glance. */
const SHORT = 8;

/** Which ignored files of the main worktree a new one takes along, and how. */
export function CarryFields(props: ICarryFieldsProps): React.ReactElement | null {
  const { trans, ignored, carry, onChange } = props;
  const [filter, setFilter] = React.useState('');
  if (ignored.length === 0) {
    return null;
  }
  const shown = filterIgnored(ignored, filter);
  return (
    <fieldset className="jp-AgentAuth-fieldset">
      <legend>{trans.__('Files that git ignores, to take along')}</legend>
      {ignored.length > SHORT && (
        <input
          type="search"
          className="jp-AgentAuth-input"
          aria-label={trans.__('Filter the files')}
          placeholder={trans.__('Filter')}
          value={filter}
          onChange={event => {
            setFilter(event.target.value);
          }}
        />
      )}
      <ul className="jp-AgentAuth-carried" role="list">
        {shown.map(one => (
          <CarryItem
            key={one.path}
            trans={trans}
            one={one}
            how={carry.find(({ path }) => path === one.path)?.how ?? null}
            onChange={how => {
              onChange(carrying(carry, one.path, how));
            }}
          />
        ))}
      </ul>
      {shown.length === 0 && <p className="jp-AgentAuth-hint">{trans.__('None is called so.')}</p>}
      {carry.some(({ how }) => how === 'mount') && (
        <p className="jp-AgentAuth-hint">
          {trans.__(
            'Mounted: the same file for all worktrees, read-only for agents. A plain link would lead nowhere in the container, which sees this worktree alone.'
          )}
        </p>
      )}
    </fieldset>
  );
}

interface ICarryItemProps {
  readonly trans: TranslationBundle;
  readonly one: IIgnored;
  readonly how: ICarry['how'] | null;
  readonly onChange: (how: ICarry['how'] | null) => void;
}

function CarryItem({ trans, one, how, onChange }: ICarryItemProps): React.ReactElement {
  const name = visible(one.path);
  return (
    <li className="jp-AgentAuth-row">
      <label className="jp-AgentAuth-name" title={name}>
        <input
          type="checkbox"
          checked={how !== null}
          onChange={event => {
            onChange(event.target.checked ? 'copy' : null);
          }}
        />
        {one.directory && !name.endsWith('/') ? `${name}/` : name}
      </label>
      <span className="jp-AgentAuth-meta">{one.size === null ? '' : size(one.size)}</span>
      {how !== null && (
        <select
          className="jp-AgentAuth-input jp-AgentAuth-how"
          aria-label={trans.__('How %1 is taken along', name)}
          value={how}
          onChange={event => {
            onChange(event.target.value === 'mount' ? 'mount' : 'copy');
          }}
        >
          <option value="copy">{trans.__('copy')}</option>
          <option value="mount">{trans.__('mount')}</option>
        </select>
      )}
    </li>
  );
}
