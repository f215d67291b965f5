import { describe, expect, it } from 'vitest';

import { Announcements } from '../src/notebook/announcements';
import { wishIn } from '../src/notebook/kernelWishes';
import { parseNamedSession, parseWish } from '../src/notebook/sessionData';
import { isLostOnNotebook } from '../src/terminals/keys';

const ID = '0123456789ab';

describe('an output', () => {
  it('names a session, with a title that is text', () => {
    expect(parseNamedSession({ session: ID, title: '<b>x</b>', inline: true })).toEqual({
      session: ID,
      title: '<b>x</b>'
    });
  });

  it.each([null, 'text', [], {}, { session: 1 }, { session: '../x' }, { session: `${ID}0` }])(
    'names none: %j',
    data => {
      expect(parseNamedSession(data)).toBeNull();
    }
  );

  it.each([1, null, ['x'], undefined])('has no title that is no text: %j', title => {
    expect(parseNamedSession({ session: ID, title })?.title).toBe('');
  });
});

describe('a wish', () => {
  const opened = (session: string, target = 'jupyter-agentauth', type = 'comm_open') =>
    ({
      header: { msg_type: type },
      parent_header: { session },
      content: { target_name: target, data: { show: ID } }
    }) as unknown as Parameters<typeof wishIn>[0];

  it('is heard by the connection that ran the cell, and by no other', () => {
    expect(wishIn(opened('mine'), 'mine')).toEqual({ kind: 'show', session: ID });
    expect(wishIn(opened('others'), 'mine')).toBeNull();
  });

  it('comes by our own comm alone', () => {
    expect(wishIn(opened('mine', 'jupyter.widget'), 'mine')).toBeNull();
    expect(wishIn(opened('mine', 'jupyter-agentauth', 'comm_msg'), 'mine')).toBeNull();
  });

  it('is none with an id that is none', () => {
    expect(parseWish({ inline: 'x' })).toBeNull();
  });
});

describe('an announcement', () => {
  it('is for one output', () => {
    const announcements = new Announcements();
    announcements.add(ID);
    expect([announcements.take(ID), announcements.take(ID)]).toEqual([true, false]);
  });

  it('does not last', () => {
    let now = 0;
    const announcements = new Announcements(() => now);
    announcements.add(ID);
    now = 30_000;
    expect(announcements.take(ID)).toBe(false);
  });
});

describe('a key in an inline terminal', () => {
  const key = { ctrlKey: false, shiftKey: false, metaKey: false, altKey: false };

  it.each([{}, { shiftKey: true }, { ctrlKey: true }, { altKey: true }])(
    'does not reach the notebook: %j',
    pressed => {
      expect(isLostOnNotebook({ ...key, ...pressed })).toBe(true);
    }
  );

  it("is the page's with Ctrl-Shift", () => {
    expect(isLostOnNotebook({ ...key, ctrlKey: true, shiftKey: true })).toBe(false);
  });
});
