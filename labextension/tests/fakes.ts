import type { IApi } from '../src/rest/api';
import type { IAgentAuthEvent, IEventSource } from '../src/rest/events';
import type { IAgent, ISession, ISettings, IWorktree } from '../src/rest/types';

/** An event source that a test drives. */
export class FakeEvents implements IEventSource {
  happened: (event: IAgentAuthEvent) => void = () => undefined;
  connected: () => void = () => undefined;
  lost: () => void = () => undefined;
  opened = false;

  open(): void {
    this.opened = true;
  }

  close(): void {
    this.opened = false;
  }
}

export const SETTINGS: ISettings = {
  share_auth: false,
  allow_share_auth: true,
  share_scope: 'config',
  profile: 'default',
  auth_dir: '/data/agentauth',
  image: 'jupyter-agentauth:latest'
};

export function agent(name: string, title: string, changes: Partial<IAgent> = {}): IAgent {
  return {
    name,
    title,
    icon: name,
    signed_in: false,
    image_ok: true,
    problem: null,
    reason: null,
    mend: null,
    profiles: [{ name: 'default', signed_in: false, expires: null }],
    ...changes
  };
}

export function session(id: string, changes: Partial<ISession> = {}): ISession {
  return {
    id,
    agent: 'claude',
    profile: 'default',
    worktree: '/src/main',
    share_auth: false,
    terminal: `agentauth_${id}`,
    container: 'c0ffee',
    state: 'running',
    exit_code: null,
    started: '2026-11-25T12:00:00+00:00',
    warnings: [],
    problem: null,
    last_lines: [],
    ...changes
  };
}

export function worktree(path: string, changes: Partial<IWorktree> = {}): IWorktree {
  return {
    path,
    repo: '/src/main',
    branch: 'main',
    head: 'abc',
    main: true,
    changes: 0,
    sessions: [],
    ...changes
  };
}

/** A server of which a test says what it answers; what it does not say is never asked. */
export function fakeApi(answers: Partial<IApi>): IApi & { readonly asked: string[] } {
  const asked: string[] = [];
  const handler: ProxyHandler<Partial<IApi>> = {
    get: (target, name: string) => {
      if (name === 'asked') {
        return asked;
      }
      return (...parameters: unknown[]) => {
        asked.push(name);
        const answer = target[name as keyof IApi] as
          ((...parameters: unknown[]) => unknown) | undefined;
        if (answer === undefined) {
          throw new Error(`nobody expected ${name}`);
        }
        return answer(...parameters);
      };
    }
  };
  return new Proxy(answers, handler) as IApi & { readonly asked: string[] };
}
