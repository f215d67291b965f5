import type { TranslationBundle } from '@jupyterlab/translation';

import type { IAgent } from '../rest/types';

/** Why an agent or a shell cannot run now. */
export interface IProblem {
  /** A sentence. */
  readonly message: string;
  /** Its machine name; empty where the server does not tell. */
  readonly reason: string;
  readonly mend: string | null;
}

const BUILD = 'jupyter agentauth image build';

/** Why an agent cannot run now; null when it can. */
export function problemOf(
  agent: Pick<IAgent, 'problem' | 'reason' | 'mend'> | null
): IProblem | null {
  if (agent?.problem == null) {
    return null;
  }
  return { message: agent.problem, reason: agent.reason ?? '', mend: agent.mend };
}

/** Why a shell cannot run now: what all agents lack, it lacks, too. */
export function shellProblem(agents: readonly IAgent[]): IProblem | null {
  const problems = agents.map(problemOf);
  const shared = problems.find(
    problem => problem?.reason.startsWith('engine_') === true || problem?.reason === 'image_missing'
  );
  return shared ?? null;
}

/** What mends a failure to open, when the server named no mend. */
export function mendOfReason(reason: string): string | null {
  return reason === 'image_missing' || reason === 'command_not_in_image' ? BUILD : null;
}

/** Why it cannot run, in a word or two for a tile. */
export function shortProblem(trans: TranslationBundle, reason: string): string {
  switch (reason) {
    case 'image_missing':
      return trans.__('no image');
    case 'command_not_in_image':
      return trans.__('not in the image');
    case 'engine_missing':
      return trans.__('no container engine');
    case 'engine_not_running':
      return trans.__('engine stopped');
    case 'engine_no_permission':
      return trans.__('no permission');
    default:
      return trans.__('cannot run');
  }
}
