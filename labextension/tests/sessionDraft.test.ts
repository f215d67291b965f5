import { describe, expect, it } from 'vitest';

import { isProfileName, knownProfiles } from '../src/dialogs/profileNames';
import { answerOf, sessionDraft, sessionProblems, willShare } from '../src/dialogs/sessionDraft';
import { agent, settings, worktree } from './things';

const WORKTREES = [
  worktree('/src/web', { main: true }),
  worktree('/src/web.worktrees/fix', { repo: '/src/web', branch: 'fix' })
];

function draft(given = {}, more = {}) {
  return { ...sessionDraft(given, WORKTREES, ['claude', 'codex'], settings(), '/src'), ...more };
}

describe('the dialog for a session', () => {
  it('begins with the first agent that can run, in the first worktree', () => {
    expect(answerOf(draft(), null)).toEqual({
      request: { agent: 'claude', profile: 'default', worktree: '/src/web' },
      worktree: null
    });
  });

  it('takes over what is given', () => {
    const given = {
      agent: 'codex',
      worktree: '/src/web.worktrees/fix',
      args: ['-m', 'two words'],
      profile: 'work',
      share_auth: false
    };
    expect(answerOf(draft(given), null)).toEqual({ request: given, worktree: null });
  });

  it('takes a directory that is no listed worktree as it is', () => {
    expect(answerOf(draft({ worktree: 'notes' }), null)?.request.worktree).toBe('notes');
  });

  it.each(['web', './web', 'web/', '/src/web'])('finds a worktree by %j', worktree => {
    expect(draft({ worktree })).toMatchObject({ place: 'listed', worktree: '/src/web' });
  });

  it.each(['web', './web', 'web/'])('finds a worktree by %j below the root ~/src', worktree => {
    const atHome = WORKTREES.map(one => ({ ...one, path: `/home/u${one.path}` }));
    expect(sessionDraft({ worktree }, atHome, [], null, '~/src')).toMatchObject({
      place: 'listed',
      worktree: '/home/u/src/web'
    });
    const fix = sessionDraft({ worktree: 'web.worktrees/fix' }, atHome, [], null, '~/src');
    expect(fix.worktree).toBe('/home/u/src/web.worktrees/fix');
  });

  it.each(['', '.'])(
    'begins with the first worktree when it comes from the root (%j)',
    worktree => {
      expect(draft({ worktree })).toMatchObject({ place: 'listed', worktree: '/src/web' });
    }
  );

  it('offers another directory where there is no worktree', () => {
    expect(sessionDraft({}, [], [], null, '/src')).toMatchObject({ place: 'other', agent: 'bash' });
  });

  it('gives a new worktree apart, to be made first', () => {
    const added = { repo: '/src/web', branch: 'new', base: '', path: '', carry: [] };
    expect(answerOf(draft({}, { place: 'new', added }), null)).toEqual({
      request: { agent: 'claude', profile: 'default' },
      worktree: { repo: '/src/web', branch: 'new' }
    });
    const unnamed = { ...added, branch: '' };
    expect(answerOf(draft({}, { place: 'new', added: unnamed }), null)).toBeNull();
  });

  it('gives nothing while a quote is open or a profile has no proper name', () => {
    expect(answerOf(draft({}, { line: '"open' }), null)).toBeNull();
    const named = draft({}, { profile: null, newProfile: 'My Work' });
    expect(sessionProblems(named)).toEqual({ profile: true, line: false });
    expect(answerOf(named, null)).toBeNull();
    expect(answerOf({ ...named, newProfile: 'my-work' }, null)?.request.profile).toBe('my-work');
  });

  it('says that credentials are shared when they will be', () => {
    const on = settings({ share_auth: true });
    expect(willShare(draft(), on)).toBe(true);
    expect(willShare(draft(), settings())).toBe(false);
    expect(willShare(draft({ share_auth: true }), settings())).toBe(true);
    expect(willShare(draft({ share_auth: false }), on)).toBe(false);
    expect(willShare(draft({ agent: 'bash' }), on)).toBe(false);
    expect(willShare(draft(), settings({ share_auth: true, allow_share_auth: false }))).toBe(false);
  });

  it('asks for no sharing that an administrator forbids', () => {
    const forbidden = settings({ allow_share_auth: false });
    expect(sessionDraft({ share_auth: true }, [], [], forbidden, '/src').share).toBeNull();
  });
});

describe('a profile', () => {
  it.each(['work', '1', 'a_b.c-d', 'a'.repeat(64)])('may be called %j', name => {
    expect(isProfileName(name)).toBe(true);
  });

  it.each(['', 'Work', '-a', '.a', 'a b', 'ä', 'a/b', 'a'.repeat(65)])(
    'may not be called %j',
    name => {
      expect(isProfileName(name)).toBe(false);
    }
  );

  it('is known when an agent has it, or when it is chosen', () => {
    const agents = [
      agent('claude', {
        profiles: [
          { name: 'work', signed_in: true, expires: null, problem: null },
          { name: 'default', signed_in: false, expires: null, problem: null }
        ]
      }),
      agent('codex')
    ];
    expect(knownProfiles(agents, 'home')).toEqual(['default', 'home', 'work']);
    expect(knownProfiles([agent('codex')], 'default')).toEqual(['default']);
  });
});
