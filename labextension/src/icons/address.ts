const SVG = /^\s*(?:<\?xml[^>]*>\s*|<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/i;

/**
 * The address of a custom agent's icon, from which a picture can be loaded.
 *
 * @param icon - an SVG's text, or an address: `data:image/…`, `http(s)://…`, or a path of the
 *   server
 * @param baseUrl - the server's; a path that does not begin with `/` is below it
 * @returns null when it is none of these
 */
export function iconAddress(icon: string, baseUrl: string): string | null {
  if (SVG.test(icon)) {
    // As a picture of its own, an SVG needs its namespace.
    const named = /\sxmlns\s*=/.test(icon)
      ? icon
      : icon.replace(/<svg/i, '<svg xmlns="http://www.w3.org/2000/svg"');
    return `data:image/svg+xml,${encodeURIComponent(named)}`;
  }
  if (/^(?:https?:\/\/|data:image\/)/i.test(icon)) {
    return icon;
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(icon) || !/[./]/.test(icon)) {
    return null;
  }
  return icon.startsWith('/') ? icon : `${baseUrl.replace(/\/?$/, '/')}${icon}`;
}
