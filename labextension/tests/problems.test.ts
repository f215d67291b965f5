import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { mendOfReason, problemOf, shellProblem, shortProblem } from '../src/commands/problems';
import { launcherItems } from '../src/model/launcherItems';
import { belongsToAgent } from '../src/terminals/keys';
import { agent } from './things';

const trans = nullTranslator.load('jupyter_agentauth');
const MISSING = {
  problem: 'The image is not there: build it.',
  reason: 'image_missing',
  mend: 'jupyter agentauth image build'
};

describe('the tiles', () => {
  it("are the agents in the server's order, and a shell", () => {
    const agents = [agent('codex'), agent('claude')];
    expect(launcherItems(agents)).toEqual(['codex', 'claude', 'bash']);
  });

  it('are none before the agents are known', () => {
    expect(launcherItems(null)).toEqual([]);
  });
});

describe('a problem', () => {
  it('is none of an agent that can run', () => {
    expect(problemOf(agent('claude', { problem: null }))).toBeNull();
    expect(problemOf(null)).toBeNull();
  });

  it('says its reason in a word', () => {
    expect(shortProblem(trans, 'image_missing')).toBe('no image');
    expect(shortProblem(trans, 'something new')).toBe('cannot run');
  });

  it("is also a shell's, when no agent can run for it", () => {
    expect(shellProblem([agent('claude', MISSING)])?.mend).toBe('jupyter agentauth image build');
    expect(
      shellProblem([agent('claude', { ...MISSING, reason: 'command_not_in_image' })])
    ).toBeNull();
  });

  it('of the image is mended by building it', () => {
    expect(mendOfReason('command_not_in_image')).toBe('jupyter agentauth image build');
    expect(mendOfReason('path_not_allowed')).toBeNull();
  });
});

describe('a key', () => {
  const pressed = { ctrlKey: false, shiftKey: false, metaKey: false, altKey: false };

  it("with Ctrl is the agent's", () => {
    expect(belongsToAgent({ ...pressed, ctrlKey: true })).toBe(true);
  });

  it("with Shift or Meta, too, is JupyterLab's", () => {
    expect(belongsToAgent({ ...pressed, ctrlKey: true, shiftKey: true })).toBe(false);
    expect(belongsToAgent({ ...pressed, metaKey: true })).toBe(false);
  });
});
