/**
 * Formats, fillers, variation selectors, annotations, tags and half characters. The same rule as
 * in `jupyter_agentauth/text/visible.py`.
 */
const UNSEEN =
  '\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b\\u200c\\u200e\\u200f' +
  '\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0e\\ufeff\\uffa0\\ufff0-\\ufffb' +
  '\\u{e0000}-\\u{e0fff}\\ud800-\\udfff';

/** What joins two pictures, or makes one of a character, is seen; anywhere else it is not. */
const PICTURE = '\\u2190-\\u2bff\\u3030-\\u3299\\u{1f000}-\\u{1faff}';
const ALONE =
  `(?<![${PICTURE}\\ufe0f])\\u200d|` +
  `(?<![${PICTURE}\\u00a9\\u00ae\\u203c\\u2049\\u2122\\u2139#*0-9])\\ufe0f`;

const IN_A_NAME = new RegExp(`[\\x00-\\x1f\\x7f-\\x9f${UNSEEN}]|${ALONE}`, 'gu');
const IN_LINES = new RegExp(
  `[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f${UNSEEN}]|\\r(?!\\n)|${ALONE}`,
  'gu'
);

/**
 * A text in which characters that nobody sees, or that change what is read, are shown by their
 * numbers: `[U+202E]`.
 *
 * @param lines - whether it has lines and columns, as a diff has: tabs and ends of lines stay
 */
export function visible(text: string, lines = false): string {
  return text.replace(lines ? IN_LINES : IN_A_NAME, numbered);
}

/** Whether `visible` shows it otherwise than it is. */
export function hasHidden(text: string, lines = false): boolean {
  return text.search(lines ? IN_LINES : IN_A_NAME) >= 0;
}

/** A text for a terminal: such a character is a space, since one alone can send a command. */
export function typable(text: string): string {
  return text.replace(IN_A_NAME, ' ').replace(/ +/g, ' ').trim();
}

function numbered(character: string): string {
  const number = character.codePointAt(0) ?? 0;
  return `[U+${number.toString(16).toUpperCase().padStart(4, '0')}]`;
}
