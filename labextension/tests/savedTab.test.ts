import { describe, expect, it } from 'vitest';

import { parseSavedTab, savedTab } from '../src/terminals/savedTab';
import { session } from './things';

describe('what is kept of a tab', () => {
  it('is read again as it was saved', () => {
    const saved = savedTab(session('s', { share_auth: true }), 'Claude · main');
    expect(parseSavedTab({ ...saved })).toEqual(saved);
  });

  it('is nothing when only a session is named', () => {
    expect(parseSavedTab({ session: 's' })).toBeNull();
  });

  it('is not taken over in another form', () => {
    expect(parseSavedTab({ session: 's', agent: 'claude', share_auth: 'yes', title: 7 })).toEqual({
      session: 's',
      agent: 'claude',
      worktree: '',
      profile: 'default',
      share_auth: false,
      title: 'claude'
    });
  });
});
