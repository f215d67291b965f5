import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

interface IButtonProps {
  /** What it does, a few words: its text, or with an icon its name and tooltip. */
  readonly label: string;
  /** What it does to which thing, where the label alone leaves that open. */
  readonly name?: string;
  /** More, on its tooltip. */
  readonly title?: string;
  readonly icon?: LabIcon;
  readonly kind?: 'plain' | 'accept' | 'link';
  /** It does nothing, but keeps the focus. */
  readonly inert?: boolean;
  readonly onClick: () => void;
}

/** A button of the panel: words, or an icon that has a name. */
export function Button(props: IButtonProps): React.ReactElement {
  const { label, name, title, icon, kind = 'plain', inert = false, onClick } = props;
  const classes = ['jp-AgentAuth-button'];
  if (kind !== 'plain') {
    classes.push(`jp-AgentAuth-button-${kind}`);
  }
  if (kind === 'accept') {
    classes.push('jp-mod-styled', 'jp-mod-accept');
  }
  if (icon) {
    classes.push('jp-AgentAuth-button-icon');
  }
  const tooltip = title ?? (icon ? label : undefined);
  return (
    <button
      type="button"
      className={classes.join(' ')}
      aria-label={name ?? (icon ? label : undefined)}
      aria-disabled={inert || undefined}
      title={tooltip}
      onClick={inert ? undefined : onClick}
    >
      {icon ? <icon.react tag="span" stylesheet="toolbarButton" aria-hidden /> : label}
    </button>
  );
}
