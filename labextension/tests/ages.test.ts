import { describe, expect, it } from 'vitest';

import { age } from '../src/panel/ages';
import { size } from '../src/model/size';
import { english } from './things';

const NOW = Date.parse('2026-05-05T12:00:00Z');

describe('an age', () => {
  it.each([
    ['2026-05-05T12:00:00Z', 'just now'],
    ['2026-05-05T11:59:01Z', 'just now'],
    ['2026-05-05T11:59:00Z', '1 minute ago'],
    ['2026-05-05T11:00:01Z', '59 minutes ago'],
    ['2026-05-05T11:00:00Z', '1 hour ago'],
    ['2026-05-04T12:00:01Z', '23 hours ago'],
    ['2026-05-04T12:00:00Z', '1 day ago'],
    ['2026-05-01T13:00:00+02:00', '4 days ago']
  ])('of %s is %s', (moment, told) => {
    expect(age(moment, NOW, english)).toBe(told);
  });

  it('of a server whose clock is ahead is none', () => {
    expect(age('2026-05-05T12:00:09Z', NOW, english)).toBe('just now');
  });

  it.each([null, '', 'soon'])('of %j is not told', moment => {
    expect(age(moment, NOW, english)).toBe('');
  });
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1536, '1.54 kB'],
  [999_600, '1 MB'],
  [1_720_000_000, '1.72 GB'],
  [3e15, '3000 TB']
])('%i bytes are %s', (bytes, told) => {
  expect(size(bytes)).toBe(told);
});
