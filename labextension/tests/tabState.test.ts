import { describe, expect, it } from 'vitest';

import { RequestError } from '../src/rest/requestError';
import { tabState } from '../src/terminals/tabState';
import { session } from './things';

const loaded = (...value: ReturnType<typeof session>[]) => ({ value, error: null });

describe("the state of a session's tab", () => {
  it('is live while the session runs in a terminal of this server', () => {
    const running = session('s', { state: 'running', terminal: 'agentauth_s' });
    expect(tabState('s', 'there', loaded(running))).toEqual({
      kind: 'live',
      terminal: 'agentauth_s'
    });
  });

  it('is elsewhere when it runs without one', () => {
    expect(tabState('s', 'there', loaded(session('s', { terminal: null }))).kind).toBe('elsewhere');
  });

  it('is how it ended, once it has', () => {
    const ended = session('s', { state: 'exited', terminal: null, exit_code: 1 });
    expect(tabState('s', 'there', loaded(ended))).toEqual({ kind: 'ended', session: ended });
  });

  it('is gone when the server knows no such session', () => {
    expect(tabState('s', 'there', loaded(session('another'))).kind).toBe('gone');
  });

  it('is nothing yet while the sessions have not been read', () => {
    expect(tabState('s', 'unknown', { value: null, error: null }).kind).toBe('waiting');
  });

  it('is why they cannot be read, when they never were', () => {
    const error = new RequestError('The engine does not run.', 'engine_not_running', 503);
    expect(tabState('s', 'there', { value: null, error })).toEqual({
      kind: 'unread',
      message: 'The engine does not run.'
    });
  });

  it('is the last one known while they cannot be read again', () => {
    const error = new RequestError('The engine does not run.', 'engine_not_running', 503);
    const value = [session('s', { terminal: 't' })];
    expect(tabState('s', 'there', { value, error }).kind).toBe('live');
  });

  it('is lost while the server does not answer, whatever was known', () => {
    expect(tabState('s', 'lost', loaded(session('s'))).kind).toBe('lost');
  });
});
