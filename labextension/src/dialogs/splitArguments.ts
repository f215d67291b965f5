/** A line split into arguments, or null when a quote is not closed. */
export function splitArguments(line: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const letter = line.charAt(at);
    if (quote === "'") {
      if (letter === quote) {
        quote = '';
      } else {
        word = (word ?? '') + letter;
      }
    } else if (letter === '\\') {
      at += 1;
      const next = line.charAt(at);
      if (next === '') {
        return null;
      }
      // As in a shell: in double quotes a backslash protects only these.
      const kept = quote === '"' && !'"\\$`'.includes(next) ? letter : '';
      word = (word ?? '') + kept + next;
    } else if (quote === '"') {
      if (letter === quote) {
        quote = '';
      } else {
        word = (word ?? '') + letter;
      }
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (/\s/.test(letter)) {
      if (word !== null) {
        words.push(word);
      }
      word = null;
    } else {
      word = (word ?? '') + letter;
    }
  }
  if (quote !== '') {
    return null;
  }
  return word === null ? words : [...words, word];
}

/** The line that `splitArguments` splits into these. */
export function joinArguments(words: readonly string[]): string {
  return words
    .map(word => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
