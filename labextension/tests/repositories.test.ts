import { describe, expect, it } from 'vitest';

import { directoryName, groupByRepository } from '../src/panel/repositories';
import { worktree } from './things';

describe('repositories', () => {
  it('are told by name, each with its main worktree first and then by branch', () => {
    const groups = groupByRepository([
      worktree('/src/web.worktrees/z', { repo: '/src/web', branch: 'z' }),
      worktree('/src/web.worktrees/b', { repo: '/src/web', branch: 'b' }),
      worktree('/src/api', { repo: '/src/api', branch: 'main', main: true }),
      worktree('/src/web', { repo: '/src/web', branch: 'main', main: true }),
      worktree('/src/web.worktrees/x', { repo: '/src/web', branch: null })
    ]);
    expect(groups.map(({ name, worktrees }) => [name, worktrees.map(one => one.path)])).toEqual([
      ['api', ['/src/api']],
      ['web', ['/src/web', '/src/web.worktrees/x', '/src/web.worktrees/b', '/src/web.worktrees/z']]
    ]);
  });

  it('of one name are told apart by their path', () => {
    const groups = groupByRepository([
      worktree('/two/web', { repo: '/two/web', main: true }),
      worktree('/one/web', { repo: '/one/web', main: true })
    ]);
    expect(groups.map(({ path }) => path)).toEqual(['/one/web', '/two/web']);
  });

  it('are none without worktrees', () => {
    expect(groupByRepository([])).toEqual([]);
  });
});

it('a directory is called by the last part of its path', () => {
  expect(directoryName('/src/web')).toBe('web');
  expect(directoryName('/')).toBe('/');
});
