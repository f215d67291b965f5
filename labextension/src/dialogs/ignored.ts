import type { IIgnored } from '../rest/types';

/** Those whose path holds all words of a filter, in any order and case. */
export function filterIgnored(ignored: readonly IIgnored[], filter: string): readonly IIgnored[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return ignored.filter(({ path }) => words.every(word => path.toLowerCase().includes(word)));
}
