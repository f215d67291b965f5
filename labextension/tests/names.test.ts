import { expect, it } from 'vitest';

import { mendFor } from '../src/model/mend';
import { sessionTitle, shortTitle, shownAgent } from '../src/model/names';
import { staleAfter } from '../src/model/parts';
import { parse } from '../src/rest/events';
import { english } from './things';

it.each([
  ['claude', 'Claude Code', 'Claude'],
  ['gemini', 'Gemini CLI', 'Gemini'],
  ['copilot', 'GitHub Copilot', 'Copilot'],
  ['opencode', 'OpenCode', 'OpenCode'],
  ['mine', 'A tool of mine', 'mine'],
  ['aider', 'My pair', 'My pair'],
  ['bare', '', 'bare']
])('%s with the title %j is called %s on its tab', (name, title, short) => {
  expect(shortTitle({ name, title })).toBe(short);
});

it('a tab says agent and branch, or the directory where there is no branch', () => {
  const session = { worktree: '/src/fix-typo' };
  const claude = { name: 'claude', title: 'Claude Code' };
  expect(sessionTitle(session, claude, { branch: 'fix/typo' })).toBe('Claude · fix/typo');
  expect(sessionTitle(session, claude, { branch: null })).toBe('Claude · fix-typo');
  expect(sessionTitle(session, shownAgent('bash', null, english), null)).toBe('Shell · fix-typo');
});

it('an agent that is in no table is called by its name, and a shell is a shell', () => {
  const claude = { name: 'claude', title: 'Claude Code', icon: 'claude' };
  expect(shownAgent('claude', claude, english)).toBe(claude);
  expect(shownAgent('python3.11', null, english)).toMatchObject({ title: 'python3.11', icon: '' });
  expect(shownAgent('bash', null, english)).toMatchObject({ title: 'Shell', icon: 'shell' });
});

it('a mend is a build, a command or a line of configuration', () => {
  expect(mendFor('jupyter agentauth image build')).toEqual({ kind: 'build' });
  expect(mendFor('sudo systemctl start docker')).toMatchObject({ kind: 'command' });
  expect(mendFor('c.ServerApp.terminals_enabled = True')).toMatchObject({ kind: 'configuration' });
  expect(mendFor(null)).toBeNull();
});

it('an event of ours is told from those of others', () => {
  const ours = 'https://events.jupyter.org/jupyter_agentauth/session/v1';
  const text = JSON.stringify({ schema_id: ours, session: '1', state: 'exited' });
  expect(parse(text)).toEqual({ kind: 'session', data: { session: '1', state: 'exited' } });
  expect(parse('{"schema_id": "https://events.jupyter.org/jupyter_server/x/v1"}')).toBeNull();
  expect(parse('not JSON')).toBeNull();
});

it('an event of a kind that a newer server has makes nothing stale', () => {
  expect(staleAfter({ kind: 'session', data: {} })).toContain('sessions');
  expect(staleAfter({ kind: 'weather', data: {} })).toEqual([]);
});
