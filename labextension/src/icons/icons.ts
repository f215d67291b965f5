import { PageConfig } from '@jupyterlab/coreutils';
import { LabIcon } from '@jupyterlab/ui-components';

import type { IAgent } from '../rest/types';
import { iconAddress } from './address';
import { GLYPHS, imageGlyph, letterGlyph } from './glyphs';

/** JupyterLab keeps icons by name, and one name should be one icon. */
const icons = new Map<string, LabIcon>();

function icon(name: string, svg: () => string): LabIcon {
  let known = icons.get(name);
  if (known === undefined) {
    known = new LabIcon({ name: `agentauth:${name}`, svgstr: svg() });
    icons.set(name, known);
  }
  return known;
}

function own(name: string): LabIcon {
  return icon(name, () => GLYPHS[name] ?? letterGlyph(name));
}

export const agentsIcon = own('agents');
export const shellIcon = own('shell');
export const worktreeIcon = own('worktree');

/** An agent's icon: ours, its own picture, or its initial; null is a shell. */
export function agentIcon(agent: Pick<IAgent, 'name' | 'icon'> | null): LabIcon {
  if (agent === null) {
    return shellIcon;
  }
  if (agent.icon in GLYPHS) {
    return own(agent.icon);
  }
  const address = agent.icon === '' ? null : iconAddress(agent.icon, PageConfig.getBaseUrl());
  return address === null
    ? icon(`letter-${agent.name}`, () => letterGlyph(agent.name))
    : icon(`picture-${address}`, () => imageGlyph(address));
}
