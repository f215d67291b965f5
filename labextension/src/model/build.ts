import type { BuildEvent } from '../rest/types';

/** A build of the agent image, as it is known here. */
export interface IBuild {
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  /** Done so far, and in all; null while that is not known. */
  readonly step: number | null;
  readonly total: number | null;
  /** What it does now, or why it failed. */
  readonly message: string;
  readonly log: readonly string[];
}

/** The lines of a build's log that are kept. */
const LONGEST_LOG = 2000;

export const BEGUN: IBuild = { state: 'running', step: null, total: null, message: '', log: [] };

/** What a build is after one more line of its progress. */
export function afterEvent(build: IBuild, event: BuildEvent): IBuild {
  switch (event.type) {
    case 'done':
      return { ...build, state: 'done', step: build.total };
    case 'error':
      return {
        ...build,
        state: event.reason === 'build_cancelled' ? 'cancelled' : 'failed',
        message: event.message,
        log: [...build.log, event.message]
      };
    case 'progress':
      return {
        ...build,
        step: event.step ?? build.step,
        total: event.total ?? build.total,
        message: event.message,
        log: [...build.log, event.message].slice(-LONGEST_LOG)
      };
  }
}
