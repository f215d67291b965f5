import { expect, it } from 'vitest';

import { filterIgnored } from '../src/dialogs/ignored';
import { carrying, draftOf, placeOf, wantedOf } from '../src/dialogs/worktreeDraft';

const CHOICES = {
  branches: ['main', 'old'],
  current: 'main',
  checked_out: ['main'],
  directory: '/src/web.worktrees',
  ignored: []
};

it('a new worktree needs a repository and a branch, and no more', () => {
  const draft = draftOf({ branch: 'fix' }, '/src/web');
  expect(wantedOf(draft, CHOICES)).toEqual({ repo: '/src/web', branch: 'fix' });
  expect(wantedOf({ ...draft, branch: '' }, CHOICES)).toBeNull();
  expect(wantedOf({ ...draft, repo: '' }, CHOICES)).toBeNull();
});

it('what else is entered is asked for', () => {
  const given = {
    repo: '/src/web',
    branch: 'fix',
    base: 'old',
    path: '/src/x',
    carry: [{ path: '.env', how: 'mount' as const }]
  };
  expect(wantedOf(draftOf(given, ''), CHOICES)).toEqual(given);
});

it('its place is told as soon as it has a branch', () => {
  const draft = draftOf({}, '/src/web');
  expect(placeOf(draft, CHOICES)).toBe('');
  expect(placeOf({ ...draft, branch: 'fix' }, null)).toBe('');
  expect(placeOf({ ...draft, branch: 'fix' }, CHOICES)).toBe('/src/web.worktrees/fix');
});

it('a file is carried in one way, or not', () => {
  const copied = carrying([], '.env', 'copy');
  expect(copied).toEqual([{ path: '.env', how: 'copy' }]);
  expect(carrying(copied, '.env', 'mount')).toEqual([{ path: '.env', how: 'mount' }]);
  expect(carrying(copied, '.env', null)).toEqual([]);
});

it('ignored files are found by words in any order', () => {
  const ignored = ['web/.env', 'api/.env', 'node_modules'].map(path => ({
    path,
    directory: false,
    size: null
  }));
  expect(filterIgnored(ignored, ' ENV web ').map(({ path }) => path)).toEqual(['web/.env']);
  expect(filterIgnored(ignored, '')).toHaveLength(3);
});
