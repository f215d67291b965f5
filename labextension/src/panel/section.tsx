import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

interface ISectionProps {
  readonly title: string;
  /** How many things are in it. */
  readonly count?: number | undefined;
  /** Buttons beside the heading. */
  readonly actions?: React.ReactNode;
  readonly children: React.ReactNode;
}

/** A part of the panel that can be collapsed. */
export function Section({ title, count, actions, children }: ISectionProps): React.ReactElement {
  const [open, setOpen] = React.useState(true);
  const id = React.useId();
  const toggle = React.useRef<HTMLButtonElement>(null);
  const focus = useFocusThatStays(toggle);
  const Caret = open ? caretDownIcon : caretRightIcon;
  return (
    <section className="jp-AgentAuth-section" aria-labelledby={`${id}-title`} {...focus}>
      <div className="jp-AgentAuth-sectionHeader">
        <h3 className="jp-AgentAuth-sectionTitle" id={`${id}-title`}>
          <button
            type="button"
            ref={toggle}
            className="jp-AgentAuth-sectionToggle"
            aria-expanded={open}
            aria-controls={`${id}-body`}
            onClick={() => {
              setOpen(!open);
            }}
          >
            <Caret.react tag="span" width="16px" height="16px" aria-hidden />
            {title}
            {count === undefined ? null : <span className="jp-AgentAuth-count">{count}</span>}
          </button>
        </h3>
        {actions}
      </div>
      <div className="jp-AgentAuth-sectionBody" id={`${id}-body`} hidden={!open}>
        {children}
      </div>
    </section>
  );
}

/**
 * Where the thing that has the focus goes away (a session is stopped), its section has it.
 *
 * React (18) tells nothing of the blur of what it removes itself, so that one can be told from
 * a click elsewhere.
 */
function useFocusThatStays(home: React.RefObject<HTMLElement>): React.HTMLAttributes<HTMLElement> {
  const inside = React.useRef(false);
  React.useLayoutEffect(() => {
    if (inside.current && document.activeElement === document.body) {
      home.current?.focus();
    }
  });
  return {
    onFocus: () => {
      inside.current = true;
    },
    onBlur: () => {
      inside.current = false;
    }
  };
}
