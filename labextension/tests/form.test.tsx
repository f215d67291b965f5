// @vitest-environment jsdom
import type { Dialog } from '@jupyterlab/apputils';
import * as React from 'react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

type AskForm = (typeof import('../src/dialogs/form'))['askForm'];
let askForm: AskForm;
let flush: typeof Dialog.flush;

beforeAll(async () => {
  // What JupyterLab's packages want of a page when they are loaded, and jsdom does not have.
  vi.stubGlobal('DragEvent', class extends Event {});
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addEventListener: () => undefined,
    addListener: () => undefined
  }));
  ({ askForm } = await import('../src/dialogs/form'));
  flush = (await import('@jupyterlab/apputils')).Dialog.flush;
}, 120_000);

afterEach(() => {
  flush();
});

/** A dialog whose first idle moment comes before (0 ms) or after what React renders. */
async function open(idleAfter: number, first?: string): Promise<void> {
  vi.stubGlobal('requestIdleCallback', (callback: () => void) => {
    if (idleAfter === 0) {
      queueMicrotask(callback);
    } else {
      setTimeout(callback, idleAfter);
    }
  });
  const form = () => (
    <>
      <select />
      <input />
    </>
  );
  askForm('Title', { accept: 'Open', cancel: 'Cancel' }, form, first).catch(() => undefined);
  // The dialog is in the page, and what React renders is not: that takes a task.
  for (let turn = 0; turn < 10; turn++) {
    await Promise.resolve();
  }
  expect(document.querySelector('.jp-Dialog')).not.toBeNull();
  expect(document.querySelector('select')).toBeNull();
}

async function rendered(): Promise<void> {
  await vi.waitFor(() => {
    expect(document.querySelector('select')).not.toBeNull();
  });
}

describe('a form', () => {
  it.each([0, 50])('has the focus in its first field, idle after %s ms', async idleAfter => {
    await open(idleAfter);
    await rendered();
    expect(document.activeElement?.tagName).toBe('SELECT');
  });

  it('has the focus where it was asked for', async () => {
    await open(0, 'input');
    await rendered();
    expect(document.activeElement?.tagName).toBe('INPUT');
  });

  it('leaves the focus where the user has moved it before it is rendered', async () => {
    await open(0);
    const cancel = document.querySelector<HTMLElement>('.jp-mod-reject');
    cancel?.focus();
    await rendered();
    expect(document.activeElement).toBe(cancel);
  });
});
