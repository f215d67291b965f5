import { expect, it } from 'vitest';

import type { IState } from '../src/model/model';
import { findings, isCommon, ownProblems } from '../src/panel/findings';
import { RequestError } from '../src/rest/requestError';
import { agent } from './things';

const STOPPED = 'The container engine does not run: start it.';
const START = 'sudo systemctl start docker';

function state(more: Partial<IState> = {}): IState {
  const unread = { value: null, error: null };
  return {
    agents: unread,
    settings: unread,
    worktrees: unread,
    sessions: unread,
    image: unread,
    checks: unread,
    ...more
  };
}

it('nothing is found when all is well', () => {
  const checks = { value: [{ check: 'engine', level: 'ok', message: 'Runs.', mend: null }] };
  expect(findings(state({ checks: { ...checks, error: null } as IState['checks'] }))).toEqual([]);
});

it('problems come before warnings', () => {
  const value = [
    { check: 'store', level: 'warning', message: 'Open to others.', mend: 'chmod 700 x' },
    { check: 'engine', level: 'problem', message: STOPPED, mend: START }
  ] as const;
  expect(findings(state({ checks: { value, error: null } })).map(one => one.level)).toEqual([
    'problem',
    'warning'
  ]);
});

it('what several parts cannot be read for is told once, with its mend', () => {
  const error = new RequestError(STOPPED, 'engine_not_running', 503);
  const value = [
    { check: 'engine', level: 'problem', message: STOPPED, mend: START },
    { check: 'image', level: 'problem', message: STOPPED, mend: null }
  ] as const;
  const unread = { value: null, error };
  expect(
    findings(state({ sessions: unread, image: unread, checks: { value, error: null } }))
  ).toEqual([{ check: 'engine', level: 'problem', message: STOPPED, mend: START }]);
});

it('that the server does not answer is told elsewhere', () => {
  const error = new RequestError('The server does not answer.', 'unreachable', 0);
  expect(findings(state({ sessions: { value: null, error } }))).toEqual([]);
});

it('what one agent lacks is told at that agent, and not once more', () => {
  const message = 'The image has no codex.';
  const agents = [agent('claude'), agent('codex', { problem: message })];
  expect(ownProblems(agents).map(({ name }) => name)).toEqual(['codex']);
  const value = [{ check: 'agent codex', level: 'warning', message, mend: null }] as const;
  expect(
    findings(state({ agents: { value: agents, error: null }, checks: { value, error: null } }))
  ).toEqual([]);
});

it('what all agents lack is common', () => {
  const [one, other] = [
    agent('claude', { problem: STOPPED, reason: 'engine_not_running' }),
    agent('codex', { problem: STOPPED })
  ];
  expect(isCommon(one, [one])).toBe(true);
  expect(isCommon(other, [one, other])).toBe(true);
  expect(isCommon(agent('claude'), [one, other])).toBe(false);
});
