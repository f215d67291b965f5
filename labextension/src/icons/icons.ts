import { PageConfig } from '@jupyterlab/coreutils';
import { LabIcon } from '@jupyterlab/ui-components';

import type { ShownAgent } from '../model/names';
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
export const worktreeIcon = own('worktree');

/** An agent's icon: ours (by its name while nothing else is known), its own picture, or its initial. */
export function agentIcon(agent: Pick<ShownAgent, 'name' | 'icon'>): LabIcon {
  const glyph = agent.icon || agent.name;
  if (glyph in GLYPHS) {
    return own(glyph);
  }
  const address = agent.icon === '' ? null : iconAddress(agent.icon, PageConfig.getBaseUrl());
  return address === null
    ? icon(`letter-${agent.name}`, () => letterGlyph(agent.name))
    : icon(`picture-${address}`, () => imageGlyph(address));
}
