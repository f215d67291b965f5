/** A run of lines of one kind, with their marks (+, -, space) as git writes them. */
export interface IBlock {
  readonly kind: 'added' | 'removed' | 'context' | 'hunk' | 'note';
  readonly lines: readonly string[];
}

/** What a unified diff says of one file. */
export interface IFileDiff {
  /** Its name now, or the one it had before it was deleted. */
  readonly path: string;
  readonly blocks: readonly IBlock[];
}

const KINDS: Readonly<Record<string, IBlock['kind']>> = {
  '+': 'added',
  '-': 'removed',
  ' ': 'context',
  '\\': 'note'
};

/** Take a unified diff apart, as `git diff` writes it. */
export function parseDiff(text: string): readonly IFileDiff[] {
  const files: IFileDiff[] = [];
  let header: string[] = [];
  let blocks: { kind: IBlock['kind']; lines: string[] }[] = [];
  let left = { removed: 0, added: 0 };
  const close = () => {
    if (header.length > 0) {
      files.push({ path: pathOf(header), blocks: [...notes(header), ...blocks] });
    }
    header = [];
    blocks = [];
  };
  const add = (kind: IBlock['kind'], line: string) => {
    const last = blocks.at(-1);
    if (last?.kind === kind && kind !== 'hunk') {
      last.lines.push(line);
    } else {
      blocks.push({ kind, lines: [line] });
    }
  };
  for (const line of lines(text)) {
    const inHunk = left.removed > 0 || left.added > 0;
    const kind = KINDS[line === '' ? ' ' : line.charAt(0)];
    const hunk = inHunk ? null : /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line);
    if (hunk) {
      left = { removed: Number(hunk[1] ?? 1), added: Number(hunk[2] ?? 1) };
      add('hunk', line);
    } else if (kind && (inHunk || (kind === 'note' && blocks.length > 0))) {
      left.removed -= kind === 'removed' || kind === 'context' ? 1 : 0;
      left.added -= kind === 'added' || kind === 'context' ? 1 : 0;
      add(kind, line);
    } else {
      if (line.startsWith('diff ')) {
        close();
        left = { removed: 0, added: 0 };
      }
      header.push(line);
    }
  }
  close();
  return files;
}

function lines(text: string): readonly string[] {
  const all = text.split('\n');
  return all.at(-1) === '' ? all.slice(0, -1) : all;
}

/** What the header of a file says beside its names: modes, renames, that it is binary. */
function notes(header: readonly string[]): readonly IBlock[] {
  const told = header.filter(
    line => line !== '' && !/^(diff|index|---|\+\+\+|similarity index|GIT binary patch)/.test(line)
  );
  return told.length > 0 ? [{ kind: 'note', lines: told }] : [];
}

function pathOf(header: readonly string[]): string {
  const after = (start: string) => {
    const line = header.find(one => one.startsWith(start));
    return line === undefined ? null : unquoted(line.slice(start.length).replace(/\t$/, ''));
  };
  const named = [after('+++ '), after('--- ')].find(name => name !== null && name !== '/dev/null');
  if (named) {
    return named.replace(/^[abciow]\//, '');
  }
  const renamed = after('rename to ') ?? after('copy to ');
  if (renamed !== null) {
    return renamed;
  }
  // `diff --git a/NAME b/NAME`: the same name twice.
  const both = (header[0] ?? '').replace(/^diff --\w+ /, '');
  return unquoted(both.slice((both.length + 1) / 2)).replace(/^[abciow]\//, '');
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** A name as git quotes it, in its own letters: "\303\244" is ä. */
export function unquoted(name: string): string {
  if (!name.startsWith('"') || !name.endsWith('"') || name.length < 2) {
    return name;
  }
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [part] of name.slice(1, -1).matchAll(/\\[0-7]{3}|\\.|[^\\]+/g)) {
    if (!part.startsWith('\\')) {
      bytes.push(...encoder.encode(part));
    } else if (part.length === 4) {
      bytes.push(parseInt(part.slice(1), 8));
    } else {
      bytes.push(ESCAPES[part.charAt(1)] ?? part.charCodeAt(1));
    }
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
