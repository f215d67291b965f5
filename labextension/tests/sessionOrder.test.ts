import { expect, it } from 'vitest';

import { inOrder, runningIn } from '../src/panel/sessionOrder';
import { sharingText, stateText } from '../src/panel/sessionText';
import { english, session, worktree } from './things';

it('sessions that run come first, the newest on top', () => {
  const all = [
    session('old', { started: '2026-01-01T00:00:00Z' }),
    session('ended', { state: 'exited', started: '2026-01-03T00:00:00Z' }),
    session('new', { started: '2026-01-02T00:00:00Z' })
  ];
  expect(inOrder(all).map(({ id }) => id)).toEqual(['new', 'old', 'ended']);
});

it('a worktree shows the sessions that run in it', () => {
  const here = worktree('/src/web', { sessions: ['below'] });
  const all = [
    session('in it'),
    session('below', { worktree: '/src/web/docs' }),
    session('elsewhere', { worktree: '/src/api' }),
    session('ended', { state: 'exited' })
  ];
  expect(runningIn(here, all).map(({ id }) => id)).toEqual(['in it', 'below']);
});

it('an ended session tells its exit code, when there is one', () => {
  expect(stateText(session('x', { state: 'exited', exit_code: 1 }), english)).toBe(
    'ended, exit code 1'
  );
  expect(stateText(session('x', { state: 'exited' }), english)).toBe('ended');
  expect(stateText(session('x'), english)).toBe('running');
});

it('a session tells whether it shares', () => {
  expect(sharingText(session('x', { share_auth: true }), english)).toBe('sharing on');
  expect(sharingText(session('x'), english)).toBe('sharing off');
});
