import { describe, expect, it } from 'vitest';

import { worktreeName } from '../src/model/names';
import { parseNamedSession } from '../src/notebook/sessionData';
import { directoryName } from '../src/panel/repositories';
import { hasHidden, typable, visible } from '../src/text/visible';

// As in tests/pure/test_visible.py.
const HIDDEN = Array.from(
  '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c' +
    '\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u2061\u2063\u115f\u3164\u034f' +
    '\u{e0001}\u{e0041}\u{e007f}\u{e0100}\ufe00\ufe0f\ufff9\u2028\u2029' +
    '\x00\x07\x08\x0f\x1b\x7f\x85\x9b\udc80\ud800'
);

const ORDINARY = [
  'plain text, tabs\tand\nlines',
  'Größe, naïve, Ελληνικά, 日本語, עברית, العربية',
  '👩\u200d💻 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 ©\ufe0f ☀\ufe0f 🏳\ufe0f\u200d🌈',
  'lines of Windows\r\n'
];

function number(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

describe('a character that is not seen', () => {
  it.each(HIDDEN.map(hidden => [number(hidden), hidden]))('is shown as U+%s', (shown, hidden) => {
    for (const lines of [false, true]) {
      expect(visible(`a${hidden}b`, lines)).toBe(`a[U+${shown}]b`);
      expect(hasHidden(`a${hidden}b`, lines)).toBe(true);
    }
  });

  it.each(ORDINARY)('is none in %s', text => {
    expect(visible(text, true)).toBe(text);
    expect(hasHidden(text, true)).toBe(false);
  });

  it('is an end of a line in a name, and a lone return in a diff', () => {
    expect(visible('a\r\nb\tc')).toBe('a[U+000D][U+000A]b[U+0009]c');
    expect(visible('+ok\revil\r\n', true)).toBe('+ok[U+000D]evil\r\n');
  });

  it('is shown in what things are called', () => {
    const name = 'fix\u202etxt.exe';
    expect(worktreeName('/src/x', { branch: name })).toBe('fix[U+202E]txt.exe');
    expect(worktreeName(`/src/${name}`, null)).toBe('fix[U+202E]txt.exe');
    expect(directoryName(`/src/${name}`)).toBe('fix[U+202E]txt.exe');
    const session = { session: '0123456789ab', title: name };
    expect(parseNamedSession(session)?.title).toBe('fix[U+202E]txt.exe');
  });

  it('is not typed into a terminal', () => {
    // Ctrl-O has bash run the line; the others are Return, Ctrl-J, an escape and a C1 control.
    expect(typable('rm -rf x\x0f\r\n\x1b[A\x9b\u202e\u200b y')).toBe('rm -rf x [A y');
    expect(typable('sudo systemctl start docker')).toBe('sudo systemctl start docker');
  });
});
