import { describe, expect, it } from 'vitest';

import { parseDiff, unquoted } from '../src/changes/diff';

const DIFF = `diff --git a/readme.txt b/readme.txt
index ce01362..29f3b1f 100644
--- a/readme.txt
+++ b/readme.txt
@@ -1,3 +1,3 @@ # head
 one
-two
--- looks like a header
+2
++++ does so, too
 three
@@ -9 +9 @@
-nine
\\ No newline at end of file
+9
\\ No newline at end of file
diff --git a/new file.txt b/new file.txt
new file mode 100644
index 0000000..e69de29
--- /dev/null
+++ b/new file.txt\t
@@ -0,0 +1 @@
+hello
diff --git a/gone.txt b/gone.txt
deleted file mode 100644
--- a/gone.txt
+++ /dev/null
@@ -1 +0,0 @@
-bye
diff --git a/old.txt b/dir/moved.txt
similarity index 100%
rename from old.txt
rename to dir/moved.txt
diff --git a/picture.png b/picture.png
index 1234567..89abcde 100644
Binary files a/picture.png and b/picture.png differ
diff --git "a/\\303\\244.txt" "b/\\303\\244.txt"
old mode 100644
new mode 100755
`;

describe('a unified diff', () => {
  const files = parseDiff(DIFF.replace('-1,3 +1,3', '-1,4 +1,4'));

  it('tells which files it is of', () => {
    expect(files.map(({ path }) => path)).toEqual([
      'readme.txt',
      'new file.txt',
      'gone.txt',
      'dir/moved.txt',
      'picture.png',
      'ä.txt'
    ]);
  });

  it('tells removed and added lines from a header by what a hunk counts', () => {
    expect(files[0]?.blocks).toEqual([
      { kind: 'hunk', lines: ['@@ -1,4 +1,4 @@ # head'] },
      { kind: 'context', lines: [' one'] },
      { kind: 'removed', lines: ['-two', '--- looks like a header'] },
      { kind: 'added', lines: ['+2', '++++ does so, too'] },
      { kind: 'context', lines: [' three'] },
      { kind: 'hunk', lines: ['@@ -9 +9 @@'] },
      { kind: 'removed', lines: ['-nine'] },
      { kind: 'note', lines: ['\\ No newline at end of file'] },
      { kind: 'added', lines: ['+9'] },
      { kind: 'note', lines: ['\\ No newline at end of file'] }
    ]);
  });

  it('tells what else happened to a file', () => {
    expect(files.slice(1).map(({ blocks }) => blocks[0])).toEqual([
      { kind: 'note', lines: ['new file mode 100644'] },
      { kind: 'note', lines: ['deleted file mode 100644'] },
      { kind: 'note', lines: ['rename from old.txt', 'rename to dir/moved.txt'] },
      { kind: 'note', lines: ['Binary files a/picture.png and b/picture.png differ'] },
      { kind: 'note', lines: ['old mode 100644', 'new mode 100755'] }
    ]);
  });

  it('may be empty, or cut off within a hunk', () => {
    expect(parseDiff('')).toEqual([]);
    const cut = DIFF.slice(0, DIFF.indexOf('-two') + 2);
    expect(parseDiff(cut).at(-1)?.blocks.at(-1)).toEqual({ kind: 'removed', lines: ['-t'] });
  });

  it('keeps an empty context line whose space was lost on the way', () => {
    const [file] = parseDiff('diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n\n-a\n+b\n');
    expect(file?.blocks.map(({ kind }) => kind)).toEqual(['hunk', 'context', 'removed', 'added']);
  });
});

it.each([
  ['plain.txt', 'plain.txt'],
  ['"a\\tb\\"c\\\\d"', 'a\tb"c\\d'],
  ['"\\303\\244\\360\\237\\230\\200"', 'ä😀']
])('the name %s is %j', (quoted, name) => {
  expect(unquoted(quoted)).toBe(name);
});
