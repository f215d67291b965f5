import { SHELL } from '../model/names';
import type { ILaunchRequest, INewWorktree, ISettings, IWorktreeChoices } from '../rest/types';
import { isProfileName } from './profileNames';
import { joinArguments, splitArguments } from './splitArguments';
import { draftOf, type IWorktreeDraft, wantedOf } from './worktreeDraft';

/** A new session as it is being entered. */
export interface ISessionDraft {
  readonly agent: string;
  /** A listed worktree's path, a new worktree, or another directory. */
  readonly place: 'listed' | 'new' | 'other';
  readonly worktree: string;
  readonly directory: string;
  readonly added: IWorktreeDraft;
  /** A known profile, or a new one that is called `newProfile`. */
  readonly profile: string | null;
  readonly newProfile: string;
  readonly line: string;
  /** Null for what the settings say. */
  readonly share: boolean | null;
}

/** What a dialog for a session gives. */
export interface ISessionAnswer {
  readonly request: ILaunchRequest;
  /** To be made first; the session is opened in it. */
  readonly worktree: INewWorktree | null;
}

/**
 * @param root - the server's root directory, which a given one may be relative to; in
 *   JupyterLab's page configuration jupyter_server (2.21) writes the home directory as `~` in it
 */
export function sessionDraft(
  given: Partial<ILaunchRequest>,
  worktrees: readonly { readonly path: string; readonly repo: string }[],
  agents: readonly string[],
  settings: ISettings | null,
  root: string
): ISessionDraft {
  const asked = given.worktree === undefined ? null : absolute(given.worktree, root);
  const isAsked = (path: string) =>
    asked?.startsWith('~') ? path.endsWith(asked.slice(1)) : path === asked;
  const listed = worktrees.find(({ path }) => isAsked(path)) ?? null;
  // Who comes from the root directory, which holds the repositories, has not chosen one yet.
  const elsewhere = asked !== null && listed === null && asked !== absolute('', root);
  const first = listed ?? worktrees[0];
  return {
    agent: given.agent ?? agents[0] ?? SHELL,
    place: elsewhere || first === undefined ? 'other' : 'listed',
    worktree: first?.path ?? '',
    directory: listed === null ? (given.worktree ?? '') : '',
    added: draftOf({}, first?.repo ?? ''),
    profile: given.profile ?? settings?.profile ?? 'default',
    newProfile: '',
    line: joinArguments(given.args ?? []),
    share: settings?.allow_share_auth === false ? null : (given.share_auth ?? null)
  };
}

function absolute(path: string, root: string): string {
  const below = path.replace(/^\.(\/|$)/, '');
  const whole = path.startsWith('/') ? path : `${root}/${below}`;
  return whole.replace(/\/+$/, '');
}

/** What is wrong with a draft. */
export function sessionProblems(draft: ISessionDraft): {
  readonly profile: boolean;
  readonly line: boolean;
} {
  return {
    profile: draft.profile === null && !isProfileName(draft.newProfile),
    line: splitArguments(draft.line) === null
  };
}

/** What the dialog gives; null while something is wrong. */
export function answerOf(
  draft: ISessionDraft,
  choices: IWorktreeChoices | null
): ISessionAnswer | null {
  const problems = sessionProblems(draft);
  const args = splitArguments(draft.line);
  const added = draft.place === 'new' ? wantedOf(draft.added, choices) : null;
  if (problems.profile || args === null || (draft.place === 'new' && added === null)) {
    return null;
  }
  const where = draft.place === 'listed' ? draft.worktree : draft.directory;
  return {
    request: {
      agent: draft.agent,
      profile: draft.profile ?? draft.newProfile,
      ...(args.length === 0 ? {} : { args }),
      ...(draft.place === 'new' ? {} : { worktree: where }),
      ...(draft.share === null ? {} : { share_auth: draft.share })
    },
    worktree: added
  };
}

/** Whether the session's sign-in will be shared. */
export function willShare(draft: ISessionDraft, settings: ISettings | null): boolean {
  return (
    draft.agent !== SHELL &&
    settings !== null &&
    settings.allow_share_auth &&
    (draft.share ?? settings.share_auth)
  );
}
