import { describe, expect, it } from 'vitest';

import { iconAddress } from '../src/icons/address';
import { imageGlyph, letterGlyph } from '../src/icons/glyphs';

const BASE = 'http://host/user/me/';

describe("a custom agent's icon", () => {
  it("is a picture of an SVG's text, whatever that holds", () => {
    const address = iconAddress('<svg><script>alert(1)</script></svg>', BASE) ?? '';
    expect(address).toMatch(/^data:image\/svg\+xml,%3Csvg%20xmlns/);
    expect(imageGlyph(address)).not.toContain('<script');
  });

  it.each(['https://host/icon.png', 'data:image/png;base64,AAAA'])('is at an address: %s', icon => {
    expect(iconAddress(icon, BASE)).toBe(icon);
  });

  it('is below the server, when its path does not begin at the root', () => {
    expect(iconAddress('files/icon.svg', BASE)).toBe('http://host/user/me/files/icon.svg');
    expect(iconAddress('/static/icon.svg', BASE)).toBe('/static/icon.svg');
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'rocket'])(
    'is none that is no picture: %s',
    icon => {
      expect(iconAddress(icon, BASE)).toBeNull();
    }
  );

  it('cannot leave the attribute that it stands in', () => {
    expect(imageGlyph('/a"onload="x')).toContain('href="/a&quot;onload=&quot;x"');
  });

  it('is the first letter of its name, when it has none', () => {
    expect(letterGlyph('rover')).toContain('>R</text>');
    expect(letterGlyph('<b>')).toContain('>&lt;</text>');
  });
});
