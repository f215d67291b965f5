import type { ILoaded, IState } from '../model/model';
import type { IAgent, ICheck } from '../rest/types';

/** Something that is wrong, and what mends it. */
export interface IFinding {
  readonly level: 'warning' | 'problem';
  readonly message: string;
  readonly mend: string | null;
}

/**
 * What the panel says on its top: problems, then warnings, each sentence once.
 *
 * What could not be read is one of them, so that no other section repeats it. What one agent
 * alone lacks is told there.
 */
export function findings(state: IState): readonly IFinding[] {
  const told = new Set(ownProblems(state.agents.value ?? []).map(agent => agent.problem));
  const found: IFinding[] = (state.checks.value ?? [])
    .filter(isWrong)
    .filter(check => !told.has(check.message));
  for (const { error } of Object.values(state) as readonly ILoaded<unknown>[]) {
    // While the server does not answer, that is said once, in another place.
    if (error !== null && error.reason !== 'unreachable') {
      found.push({ level: 'problem', message: error.message, mend: null });
    }
  }
  const first = new Map<string, IFinding>();
  for (const finding of found) {
    if (first.get(finding.message)?.mend == null) {
      first.set(finding.message, finding);
    }
  }
  return [...first.values()].sort((one, other) => rank(one) - rank(other));
}

/** Agents that cannot run for a reason of their own. */
export function ownProblems(agents: readonly IAgent[]): readonly IAgent[] {
  return agents.filter(agent => agent.problem !== null && !isCommon(agent, agents));
}

/** Whether an agent cannot run because of what all of them need: the engine or their image. */
export function isCommon(agent: IAgent, agents: readonly IAgent[]): boolean {
  const others = agents.filter(other => other.name !== agent.name);
  return (
    agent.problem !== null &&
    (/^engine_|^image_missing$/.test(agent.reason ?? '') ||
      others.some(other => other.problem === agent.problem))
  );
}

function isWrong(check: ICheck): check is ICheck & IFinding {
  return check.level !== 'ok';
}

function rank(finding: IFinding): number {
  return finding.level === 'problem' ? 0 : 1;
}
