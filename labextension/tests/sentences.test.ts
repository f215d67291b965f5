import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { sharingSentence, stateSentence } from '../src/terminals/sentences';
import { session } from './things';

const trans = nullTranslator.load('jupyter_agentauth');

describe('what a tab says', () => {
  it('names the exit code of an agent that failed', () => {
    const ended = session('s', { state: 'exited', exit_code: 1 });
    expect(stateSentence(trans, 'Claude', { kind: 'ended', session: ended }, true)).toBe(
      'Claude ended (exit code 1).'
    );
  });

  it.each([0, null])('names no exit code that says nothing: %s', exit_code => {
    const ended = session('s', { state: 'exited', exit_code });
    expect(stateSentence(trans, 'Claude', { kind: 'ended', session: ended }, true)).toBe(
      'Claude ended.'
    );
  });

  it('says that a session was stopped, as it is seen', () => {
    expect(stateSentence(trans, 'Claude', { kind: 'gone' }, true)).toBe('Claude was stopped.');
  });

  it('says that a session was stopped before the page was there', () => {
    expect(stateSentence(trans, 'Claude', { kind: 'gone' }, false)).toContain('does not run');
  });

  it('says nothing while it runs', () => {
    expect(stateSentence(trans, 'Claude', { kind: 'live', terminal: 't' }, true)).toBeNull();
  });

  it('says whether credentials are shared', () => {
    expect(sharingSentence(trans, true)).toBe('Agent credentials are shared across containers.');
    expect(sharingSentence(trans, false)).toBe('Sign-in ends with this container');
  });
});
