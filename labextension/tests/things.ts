import type { TranslationBundle } from '@jupyterlab/translation';

import type { IAgent, ISession, ISettings, IWorktree } from '../src/rest/types';

/** Things of the server, of which a test says only what matters to it. */

export function worktree(path: string, more: Partial<IWorktree> = {}): IWorktree {
  return {
    path,
    repo: path,
    branch: 'main',
    head: 'abc',
    main: false,
    changes: 0,
    problem: null,
    sessions: [],
    ...more
  };
}

export function session(id: string, more: Partial<ISession> = {}): ISession {
  return {
    id,
    agent: 'claude',
    profile: 'default',
    worktree: '/src/web',
    share_auth: false,
    terminal: id,
    container: id,
    state: 'running',
    exit_code: null,
    started: '2026-01-01T00:00:00Z',
    warnings: [],
    problem: null,
    last_lines: [],
    ...more
  };
}

export function agent(name: string, more: Partial<IAgent> = {}): IAgent {
  return {
    name,
    title: name,
    icon: '',
    signed_in: false,
    image_ok: true,
    problem: null,
    reason: null,
    mend: null,
    profiles: [{ name: 'default', signed_in: false, expires: null, problem: null }],
    ...more
  };
}

export function settings(more: Partial<ISettings> = {}): ISettings {
  return {
    share_auth: false,
    allow_share_auth: true,
    share_scope: 'config',
    profile: 'default',
    auth_dir: '/store',
    image: 'agents:latest',
    ...more
  };
}

/** English, as JupyterLab's own translator without a language pack. */
export const english = {
  __: (text: string, ...args: unknown[]) => filled(text, args),
  _n: (one: string, many: string, count: number, ...args: unknown[]) =>
    filled(count === 1 ? one : many, [count, ...args])
} as unknown as TranslationBundle;

function filled(text: string, args: readonly unknown[]): string {
  return text.replace(/%(\d)/g, (_, at: string) => String(args[Number(at) - 1]));
}
