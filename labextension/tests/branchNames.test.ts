import { describe, expect, it } from 'vitest';

import { branchProblem, defaultPath, isBranchName } from '../src/dialogs/branchNames';

describe('a name of a branch', () => {
  it.each(['fix', 'fix/typo', 'v1.2', 'ä', 'a-b_c', '@a', 'a@b'])('%j is one', name => {
    expect(isBranchName(name)).toBe(true);
  });

  it.each([
    '',
    'two words',
    '-x',
    '/x',
    'x/',
    'x.',
    'a..b',
    'a//b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    'a\\b',
    '@{u}',
    '@',
    'HEAD',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a\tb',
    'a\u007f'
  ])('%j is none', name => {
    expect(isBranchName(name)).toBe(false);
  });
});

describe('a branch for a new worktree', () => {
  const choices = { branches: ['main', 'old'], checked_out: ['main'] };

  it('is new, or one that exists and is checked out nowhere', () => {
    expect(branchProblem('new', '', choices)).toBeNull();
    expect(branchProblem('new', 'old', choices)).toBeNull();
    expect(branchProblem('old', '', choices)).toBeNull();
    expect(branchProblem('new', '', null)).toBeNull();
  });

  it('needs a name that git takes, and that is free', () => {
    expect(branchProblem('', '', choices)).toBe('missing');
    expect(branchProblem('a b', '', choices)).toBe('invalid');
    expect(branchProblem('main', '', choices)).toBe('checked_out');
    expect(branchProblem('old', 'main', choices)).toBe('exists');
  });

  it('gives its directory its name', () => {
    expect(defaultPath('/src/web.worktrees', 'fix/the/typo')).toBe(
      '/src/web.worktrees/fix-the-typo'
    );
    expect(defaultPath('/src/web.worktrees/', 'fix')).toBe('/src/web.worktrees/fix');
  });
});
