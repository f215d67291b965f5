import { describe, expect, it } from 'vitest';

import { joinArguments, splitArguments } from '../src/dialogs/splitArguments';

describe('a line of arguments', () => {
  it.each([
    ['', []],
    ['   ', []],
    ['--resume', ['--resume']],
    ['  -p  hello\tthere ', ['-p', 'hello', 'there']],
    ['-p "two words"', ['-p', 'two words']],
    ["-p 'two words'", ['-p', 'two words']],
    [`--name="it's here"`, ["--name=it's here"]],
    [`'a "b" \\'`, ['a "b" \\']],
    ['"a \\"b\\" \\\\ \\n"', ['a "b" \\ \\n']],
    ['a\\ b', ['a b']],
    ['"" \'\'', ['', '']],
    ['a""b', ['ab']],
    ['-- --print', ['--', '--print']],
    ['$HOME *', ['$HOME', '*']],
    ['ä "ö ü"', ['ä', 'ö ü']]
  ])('%j is split as a shell splits it', (line, words) => {
    expect(splitArguments(line)).toEqual(words);
  });

  it.each(['"open', "it's", 'at the end\\'])('%j is not finished', line => {
    expect(splitArguments(line)).toBeNull();
  });

  it.each([[[]], [['--resume']], [['two words', "it's", '', '"', '\\', '$x', 'a\nb']]])(
    '%j is written so that it is split into the same again',
    words => {
      expect(splitArguments(joinArguments(words))).toEqual(words);
    }
  );
});
