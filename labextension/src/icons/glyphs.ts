/**
 * Our glyphs, 24 by 24: lines in the colour that JupyterLab (4.6) gives its own icons (`jp-icon3`),
 * so that they are seen in each theme. They are no agent's mark, only unlike each other.
 */
function glyph(lines: string, dots = ''): string {
  const drawn = lines
    .split('|')
    .map(line => `<path class="jp-icon3 jp-icon-selectable" stroke="#616161" d="${line}"/>`)
    .join('');
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
    '<g fill="none" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">' +
    `${drawn}</g>${dots}</svg>`
  );
}

function dot(x: number, y: number, radius: number): string {
  return `<circle class="jp-icon3 jp-icon-selectable" fill="#616161" cx="${x}" cy="${y}" r="${radius}"/>`;
}

/** By the names that the server's table of agents has, and those of our own things. */
export const GLYPHS: Readonly<Record<string, string>> = {
  // An open ring with a kernel.
  claude: glyph('M18.5 6.5a8.5 8.5 0 1 0 0 11', dot(12, 12, 2.6)),
  // A tag.
  codex: glyph('M8 7l-5 5 5 5|M16 7l5 5-5 5|M13.5 5l-3 14'),
  // Two rings.
  gemini: glyph(
    'M14.5 12a5.75 5.75 0 1 1-11.5 0 5.75 5.75 0 0 1 11.5 0z|M21 12a5.75 5.75 0 0 1-9 4.72|M12 7.28a5.75 5.75 0 0 1 9 4.72'
  ),
  // Brackets and a cursor.
  opencode: glyph('M8 4H4v16h4|M16 4h4v16h-4|M12 9v6'),
  // A paper plane.
  copilot: glyph('M21 3L3 10l7 3.5L21 3z|M21 3l-7 18-4-7.5'),
  shell: glyph('M3 4.5h18v15H3z|M7 9l3 3-3 3|M12.5 15.5h4.5'),
  worktree: glyph(
    'M7 8v8|M17 8c0 5-10 3-10 8',
    dot(7, 5.5, 2.5) + dot(17, 5.5, 2.5) + dot(7, 18.5, 2.5)
  ),
  agents: glyph(
    'M4.5 8.5h15v11h-15z|M12 8.5V4.5|M9 16.2h6',
    dot(12, 3.8, 1.6) + dot(8.9, 12.4, 1.5) + dot(15.1, 12.4, 1.5)
  )
};

/** A letter in a ring, for an agent without an icon. */
export function letterGlyph(name: string): string {
  const letter = escapeMarkup((Array.from(name)[0] ?? '?').toUpperCase());
  const text =
    '<text class="jp-icon3 jp-icon-selectable" fill="#616161" x="12" y="16.2" font-size="12" ' +
    `font-family="sans-serif" font-weight="600" text-anchor="middle">${letter}</text>`;
  return glyph('M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z', text);
}

/**
 * An image, within an SVG. What a picture holds is not run and loads nothing, which an SVG put
 * into the page itself would.
 */
export function imageGlyph(address: string): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
    `<image href="${escapeMarkup(address)}" width="24" height="24"/></svg>`
  );
}

function escapeMarkup(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}
