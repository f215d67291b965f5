import type { ServerConnection } from '@jupyterlab/services';

import { request, requestLines } from './request';
import type {
  BuildEvent,
  IAgent,
  IBuildRequest,
  IChanges,
  ICheck,
  IImage,
  ILaunchRequest,
  INewWorktree,
  ISession,
  ISettings,
  IWorktree,
  IWorktreeChoices
} from './types';

/** The REST routes; each throws a `RequestError`. */
export interface IApi {
  agents(): Promise<readonly IAgent[]>;
  signOut(agent: string, profile: string): Promise<void>;
  settings(): Promise<ISettings>;
  changeSettings(changes: Partial<ISettings>): Promise<ISettings>;
  worktrees(): Promise<readonly IWorktree[]>;
  worktreeChoices(repo: string): Promise<IWorktreeChoices>;
  worktreeChanges(path: string, since: 'head' | 'base'): Promise<IChanges>;
  addWorktree(wanted: INewWorktree): Promise<IWorktree & { readonly warnings: readonly string[] }>;
  removeWorktree(path: string, force: boolean): Promise<void>;
  sessions(): Promise<readonly ISession[]>;
  openSession(wanted: ILaunchRequest): Promise<ISession>;
  stopSession(id: string): Promise<void>;
  restartSession(id: string): Promise<ISession>;
  image(): Promise<IImage>;
  /** Build, or (without `wanted`) follow the build that runs; false when none does. */
  build(wanted: IBuildRequest | null, take: (event: BuildEvent) => void): Promise<boolean>;
  cancelBuild(): Promise<void>;
  doctor(): Promise<readonly ICheck[]>;
}

/** The API of a Jupyter server. */
export function createApi(settings: ServerConnection.ISettings): IApi {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
    (await request(settings, method, path, body)) as T;
  const part = encodeURIComponent;
  return {
    agents: () => call('GET', 'agents'),
    signOut: (agent, profile) =>
      call('DELETE', `agents/${part(agent)}/auth?profile=${part(profile)}`),
    settings: () => call('GET', 'settings'),
    changeSettings: changes => call('PATCH', 'settings', changes),
    worktrees: () => call('GET', 'worktrees'),
    worktreeChoices: repo => call('GET', `worktrees/choices?repo=${part(repo)}`),
    worktreeChanges: (path, since) =>
      call('GET', `worktrees/changes?path=${part(path)}&since=${since}`),
    addWorktree: wanted => call('POST', 'worktrees', wanted),
    removeWorktree: (path, force) =>
      call('DELETE', `worktrees?path=${part(path)}${force ? '&force=true' : ''}`),
    sessions: () => call('GET', 'sessions'),
    openSession: wanted => call('POST', 'sessions', wanted),
    stopSession: id => call('DELETE', `sessions/${part(id)}`),
    restartSession: id => call('POST', `sessions/${part(id)}/restart`),
    image: () => call('GET', 'image'),
    build: (wanted, take) =>
      requestLines(
        settings,
        wanted === null ? 'GET' : 'POST',
        'image/build',
        wanted ?? undefined,
        line => {
          take(line as BuildEvent);
        }
      ),
    cancelBuild: () => call('DELETE', 'image/build'),
    doctor: () => call('GET', 'doctor')
  };
}
