import type { TranslationBundle } from '@jupyterlab/translation';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago a moment was: "5 minutes ago". Empty for what is no time. */
export function age(moment: string | null, now: number, trans: TranslationBundle): string {
  const then = moment === null ? NaN : Date.parse(moment);
  if (Number.isNaN(then)) {
    return '';
  }
  const passed = Math.max(0, now - then);
  if (passed < MINUTE) {
    return trans.__('just now');
  }
  if (passed < HOUR) {
    const minutes = Math.floor(passed / MINUTE);
    return trans._n('%1 minute ago', '%1 minutes ago', minutes);
  }
  if (passed < DAY) {
    const hours = Math.floor(passed / HOUR);
    return trans._n('%1 hour ago', '%1 hours ago', hours);
  }
  const days = Math.floor(passed / DAY);
  return trans._n('%1 day ago', '%1 days ago', days);
}

/** A moment as the page's language writes it; empty for what is no time. */
export function dateAndTime(moment: string | null): string {
  const then = moment === null ? NaN : Date.parse(moment);
  return Number.isNaN(then)
    ? ''
    : new Date(then).toLocaleString(document.documentElement.lang || undefined, {
        dateStyle: 'medium',
        timeStyle: 'short'
      });
}
