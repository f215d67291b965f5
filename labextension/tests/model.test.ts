import { describe, expect, it } from 'vitest';

import { AgentAuthModel } from '../src/model/model';
import type { IApi } from '../src/rest/api';
import { RequestError } from '../src/rest/requestError';
import type { BuildEvent, ISession } from '../src/rest/types';
import { FakeEvents, fakeApi } from './fakes';
import { agent, session, settings, worktree } from './things';

const NO_BUILD: Partial<IApi> = { build: () => Promise.resolve(false) };

function modelOf(answers: Partial<IApi>) {
  const events = new FakeEvents();
  const api = fakeApi({ ...NO_BUILD, ...answers });
  return { model: new AgentAuthModel(api, events), api, events };
}

/** Lets all that waits for nothing outside go on. */
async function settled(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve));
}

describe('reading', () => {
  it('asks nothing of the server before somebody wants to know', () => {
    const { api, events } = modelOf({});
    expect(api.asked).toEqual([]);
    expect(events.opened).toBe(false);
  });

  it('follows what was read: an event reads that part again, and no other', async () => {
    const running = [session('1')];
    const { model, api, events } = modelOf({
      sessions: () => Promise.resolve([...running]),
      settings: () => Promise.resolve(settings())
    });
    await model.read('sessions', 'settings');
    running.push(session('2'));
    events.happened({ kind: 'session', data: { session: '2', state: 'running' } });
    await settled();
    expect(model.state.sessions.value?.map(found => found.id)).toEqual(['1', '2']);
    expect(api.asked).toEqual(['sessions', 'settings', 'sessions']);
  });

  it('reads once more, not ten times, for ten events that come while it reads', async () => {
    const { model, api, events } = modelOf({ agents: () => settled().then(() => []) });
    await model.read('agents');
    for (let count = 0; count < 10; count++) {
      events.happened({ kind: 'agent', data: { agent: 'codex', state: 'changed' } });
    }
    await settled();
    await settled();
    await settled();
    expect(api.asked.filter(name => name === 'agents')).toHaveLength(3);
  });

  it('keeps what it knew when the engine is away, and says why', async () => {
    let away = false;
    const { model } = modelOf({
      sessions: () =>
        away
          ? Promise.reject(new RequestError('Start the engine.', 'engine_not_running', 503))
          : Promise.resolve([session('1')])
    });
    await model.read('sessions');
    away = true;
    await model.read('sessions');
    expect(model.state.sessions.value).toHaveLength(1);
    expect(model.state.sessions.error?.message).toBe('Start the engine.');
    expect(model.server).toBe('there');
  });

  it('says that the server has no such extension, and asks no more', async () => {
    const { model, api, events } = modelOf({
      settings: () => Promise.reject(new RequestError('', 'no_extension', 404))
    });
    await model.read('settings');
    expect(model.server).toBe('missing');
    expect(events.opened).toBe(false);
    await model.read('agents');
    expect(api.asked).toEqual(['settings']);
  });
});

describe('a lost connection', () => {
  it('is told, and all that was wanted is read again when it is back', async () => {
    const { model, api, events } = modelOf({
      sessions: () => Promise.resolve([]),
      agents: () => Promise.resolve([])
    });
    await model.read('sessions', 'agents');
    events.lost();
    expect(model.server).toBe('lost');
    events.connected();
    await settled();
    expect(model.server).toBe('there');
    expect(api.asked.filter(name => name !== 'build')).toEqual([
      'sessions',
      'agents',
      'sessions',
      'agents'
    ]);
  });
});

describe('the sharing switch', () => {
  it('shows what the server answered', async () => {
    const { model } = modelOf({
      settings: () => Promise.resolve(settings()),
      changeSettings: changes => Promise.resolve({ ...settings(), ...changes })
    });
    await model.read('settings');
    await model.setSharing(true);
    expect(model.state.settings.value?.share_auth).toBe(true);
  });

  it('is what the server says when the change was refused', async () => {
    const { model } = modelOf({
      settings: () => Promise.resolve(settings()),
      changeSettings: () =>
        Promise.reject(new RequestError('Switched off.', 'sharing_forbidden', 403))
    });
    await model.read('settings');
    await expect(model.setSharing(true)).rejects.toThrow('Switched off.');
    expect(model.state.settings.value?.share_auth).toBe(false);
  });
});

describe('sessions', () => {
  it('are in the state as soon as they are opened', async () => {
    let known: readonly ISession[] = [];
    const { model } = modelOf({
      sessions: () => Promise.resolve(known),
      openSession: () => Promise.resolve(session('1'))
    });
    await model.read('sessions');
    known = [session('1')];
    const opened = await model.openSession({ agent: 'claude' });
    expect(model.session(opened.id)?.state).toBe('running');
  });

  it('take the place of the one that was restarted', async () => {
    let known = [session('1', { state: 'exited' })];
    const { model } = modelOf({
      sessions: () => Promise.resolve(known),
      restartSession: () => {
        known = [session('2')];
        return Promise.resolve(session('2'));
      }
    });
    await model.read('sessions');
    await model.restartSession('1');
    expect(model.state.sessions.value?.map(found => found.id)).toEqual(['2']);
  });
});

describe('a build of the image', () => {
  const steps: BuildEvent[] = [
    { type: 'progress', step: 1, total: 2, message: '[1/2] Taking the base image' },
    { type: 'progress', step: 2, total: 2, message: '[2/2] Labelling the image' },
    { type: 'done', id: 'sha256:1' }
  ];

  it('shows its steps, its log and its end, and then what the image is', async () => {
    const seen: (number | null)[] = [];
    const { model, api } = modelOf({
      image: () => Promise.resolve(null as never),
      build: (_, take) => {
        steps.forEach(step => {
          take(step);
          seen.push(model.build?.step ?? null);
        });
        return Promise.resolve(true);
      }
    });
    await model.read('image');
    await model.buildImage();
    expect(seen).toEqual([1, 2, 2]);
    expect(model.build).toMatchObject({ state: 'done', total: 2 });
    expect(model.build?.log).toHaveLength(2);
    expect(api.asked).toEqual(['image', 'build', 'image']);
  });

  it('that another window began is followed here, too', async () => {
    const { model, events } = modelOf({
      build: (wanted, take) => {
        expect(wanted).toBeNull();
        take({ type: 'progress', step: 1, total: 2, message: 'half' });
        return new Promise(() => undefined); // It goes on.
      }
    });
    events.happened({ kind: 'image', data: { image: 'x', state: 'building' } });
    await settled();
    expect(model.build).toMatchObject({ state: 'running', step: 1, total: 2 });
  });

  it('that fails says why, and keeps its log', async () => {
    const { model } = modelOf({
      build: (_, take) => {
        take({ type: 'progress', step: 1, total: 2, message: 'half' });
        take({ type: 'error', message: 'No room is left.', reason: 'no_space' });
        return Promise.resolve(true);
      }
    });
    await model.buildImage();
    expect(model.build).toMatchObject({ state: 'failed', message: 'No room is left.' });
    expect(model.build?.log).toEqual(['half', 'No room is left.']);
  });
});

describe('a build whose end was not seen', () => {
  it('does not run for ever on this page: after a reconnect it is asked whether it does', async () => {
    let broken = true;
    const { model, events } = modelOf({
      sessions: () => Promise.resolve([]),
      build: (_, take) => {
        if (broken) {
          take({ type: 'progress', step: 1, total: 2, message: 'half' });
          return Promise.reject(new RequestError('', 'unreachable', 0));
        }
        return Promise.resolve(false);
      }
    });
    await model.read('sessions');
    await model.buildImage(); // Nothing is thrown: it goes on without the page.
    expect(model.build?.state).toBe('running');
    broken = false;
    events.connected();
    await settled();
    expect(model.build).toBeNull();
  });

  it('is none any more when its answer ended without an end', async () => {
    const { model } = modelOf({
      build: (_, take) => {
        take({ type: 'progress', step: 1, total: 2, message: 'half' });
        return Promise.resolve(true);
      }
    });
    await model.buildImage();
    expect(model.build).toBeNull();
  });
});

describe('what is wanted by two at once', () => {
  it('is there for both when it has been read', async () => {
    const { model, api } = modelOf({ agents: () => settled().then(() => [agent('codex')]) });
    const first = model.want('agents');
    await model.want('agents');
    expect(model.agent('codex')).not.toBeNull();
    await first;
    expect(api.asked).toEqual(['agents']);
  });
});

describe('a request that is not answered', () => {
  it('has the events connect anew, after which all is read again', async () => {
    const { model, events } = modelOf({
      sessions: () => Promise.reject(new RequestError('', 'unreachable', 0))
    });
    await model.read('sessions');
    expect(model.server).toBe('lost');
    expect(events.reconnects).toBe(1);
  });
});

describe('a session that was opened while the sessions were being read', () => {
  it('is not taken away by the older answer', async () => {
    let known: readonly ISession[] = [];
    const seen: (readonly string[])[] = [];
    const { model } = modelOf({
      sessions: () => {
        const answer = known;
        return settled().then(() => answer);
      },
      openSession: () => Promise.resolve(session('1'))
    });
    await model.read('sessions');
    const older = model.read('sessions');
    known = [session('1')];
    await model.openSession({ agent: 'claude' });
    model.changed.connect(() => {
      seen.push(model.state.sessions.value?.map(found => found.id) ?? []);
    });
    await older;
    expect(seen.every(ids => ids.includes('1'))).toBe(true);
  });
});

describe('lookups', () => {
  it('find by name, id and path what was read', async () => {
    const { model } = modelOf({
      agents: () => Promise.resolve([agent('codex', { title: 'Codex' })]),
      worktrees: () => Promise.resolve([worktree('/src/a', { branch: 'fix' })])
    });
    expect(model.agent('codex')).toBeNull();
    await model.read('agents', 'worktrees');
    expect(model.agent('codex')?.title).toBe('Codex');
    expect(model.worktree('/src/a')?.branch).toBe('fix');
    expect(model.session('none')).toBeNull();
  });
});
