/** What the server's REST API gives and takes; `openapi.json` of the package describes it. */

/** One profile (account) of an agent. */
export interface IProfile {
  readonly name: string;
  /** Null where it can't be determined: `problem` says why. */
  readonly signed_in: boolean | null;
  readonly problem: string | null;
  /** ISO 8601, or null when nothing says so. */
  readonly expires: string | null;
}

export interface IAgent {
  readonly name: string;
  readonly title: string;
  /** A name of `icons/`, an SVG's text or an address; may be empty. */
  readonly icon: string;
  /** Under the profile that the settings choose; null where it can't be determined. */
  readonly signed_in: boolean | null;
  readonly image_ok: boolean;
  /** Why it cannot run, a sentence. */
  readonly problem: string | null;
  /** The machine name of `problem`. */
  readonly reason: string | null;
  /** The one command that mends it. */
  readonly mend: string | null;
  readonly profiles: readonly IProfile[];
}

export interface ISettings {
  readonly share_auth: boolean;
  readonly allow_share_auth: boolean;
  readonly share_scope: string;
  readonly profile: string;
  readonly auth_dir: string;
  readonly image: string;
}

export interface IWorktree {
  readonly path: string;
  /** The repository's main worktree. */
  readonly repo: string;
  readonly branch: string | null;
  readonly head: string | null;
  readonly main: boolean;
  /** How many files differ from the last commit; null where that can't be determined. */
  readonly changes: number | null;
  /** What of that can't be determined, and why. */
  readonly problem: string | null;
  /** Ids of running sessions. */
  readonly sessions: readonly string[];
}

type SessionState = 'starting' | 'running' | 'paused' | 'exited';

export interface ISession {
  readonly id: string;
  readonly agent: string;
  readonly profile: string;
  readonly worktree: string;
  readonly share_auth: boolean;
  /** Its name under `/api/terminals`; null where it has none on this server. */
  readonly terminal: string | null;
  readonly container: string | null;
  readonly state: SessionState;
  readonly exit_code: number | null;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly warnings: readonly string[];
  /** How it ended, when that was not by itself. */
  readonly problem: string | null;
  /** The end of the screen of an agent that failed. */
  readonly last_lines: readonly string[];
}

/** What a session is opened with; what is left out is the settings' choice. */
export interface ILaunchRequest {
  readonly agent: string;
  readonly args?: readonly string[];
  /** A directory, absolute or relative to the server's root. */
  readonly worktree?: string;
  readonly profile?: string;
  readonly share_auth?: boolean;
}

export interface IImage {
  readonly name: string;
  readonly present: boolean;
  readonly id: string | null;
  /** Bytes. */
  readonly size: number | null;
  readonly created: string | null;
  readonly base_image: string | null;
  /** The agents' versions; null for one that is not in it. */
  readonly agents: Readonly<Record<string, string | null>>;
}

/** One line of a build's progress. */
export type BuildEvent =
  | {
      readonly type: 'progress';
      readonly step: number | null;
      readonly total: number | null;
      readonly message: string;
    }
  | { readonly type: 'done'; readonly id: string }
  | { readonly type: 'error'; readonly message: string; readonly reason: string };

export interface IBuildRequest {
  readonly base_image?: string;
  readonly agents?: readonly string[];
}

/** One finding of the doctor. */
export interface ICheck {
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** The command, or line of configuration, that mends it. */
  readonly mend: string | null;
}

export interface ICarry {
  /** Relative to the main worktree. */
  readonly path: string;
  readonly how: 'copy' | 'mount';
}

export interface INewWorktree {
  /** Any worktree of the repository. */
  readonly repo: string;
  readonly branch: string;
  readonly base?: string;
  readonly path?: string;
  readonly carry?: readonly ICarry[];
}

/** What a new worktree can be made of. */
export interface IWorktreeChoices {
  readonly branches: readonly string[];
  readonly current: string | null;
  readonly checked_out: readonly string[];
  /** Where new worktrees lie unless a path is given. */
  readonly directory: string;
  readonly ignored: readonly IIgnored[];
}

export interface IIgnored {
  readonly path: string;
  readonly directory: boolean;
  readonly size: number | null;
}

export interface IChangedFile {
  readonly path: string;
  readonly status: string;
  readonly added: number | null;
  readonly removed: number | null;
}

/** What changed in a worktree since its last commit, or since it left the main branch. */
export interface IChanges {
  readonly since: 'head' | 'base';
  readonly base: string | null;
  readonly files: readonly IChangedFile[];
  readonly diff: string;
  readonly truncated: boolean;
  /** What can't be determined, and why. */
  readonly problem: string | null;
}
