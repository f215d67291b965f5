import { Token } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import type { AgentAuthModel } from './model/model';
import type { ISession } from './rest/types';
import type { ISavedTab } from './terminals/savedTab';
import type { SessionScreen } from './terminals/sessionScreen';

/** The one model of this page; null-safe for other extensions: `optional`. */
export const IAgentAuthModel = new Token<AgentAuthModel>(
  'jupyter-agentauth:IAgentAuthModel',
  'The state of agents, worktrees and sessions on the server.'
);

/** The tabs that show sessions. */
export interface ISessionTabs {
  /**
   * Show a session's terminal: its tab is made, or brought to the front.
   *
   * @param beside - what a new tab is put right of
   * @returns the tab; null where it is one of the browser's (Notebook 7)
   */
  show(session: ISession, beside?: Widget): Promise<Widget | null>;
  /**
   * Restart a session, whose successor takes over its tab.
   *
   * @param restart - does it; null when nothing came of it
   */
  restarting(
    session: string,
    restart: (saved: ISavedTab | null) => Promise<ISession | null>
  ): Promise<ISession | null>;
  /** The session of the tab in front; null when there is none. */
  readonly current: string | null;
}

export const ISessionTabs = new Token<ISessionTabs>(
  'jupyter-agentauth:ISessionTabs',
  'The tabs of running agents.'
);

/** Makes the terminals in which sessions are shown. */
export interface ISessionScreens {
  create(): SessionScreen;
}

export const ISessionScreens = new Token<ISessionScreens>(
  'jupyter-agentauth:ISessionScreens',
  'The terminals of running agents, for other places than their tabs.'
);

/** The id that the side panel has in the shell. */
export const PANEL_ID = 'agentauth-panel';

/**
 * Our commands. All arguments are optional: what is missing is asked for, or taken from where
 * the user is (the file browser's directory, the tab in front).
 */
export const CommandIDs = {
  /** `{agent, worktree?, args?, profile?, share_auth?}`; the agent's name, or `bash`. */
  open: 'agentauth:open',
  /** `{agent?, worktree?, profile?}`: the dialog for what a click cannot know. */
  newSession: 'agentauth:new-session',
  /** `{session}`: bring a session's tab to the front, or make it. */
  show: 'agentauth:show-session',
  /** `{session?}` */
  stop: 'agentauth:stop',
  /** `{session?}` */
  restart: 'agentauth:restart',
  /** `{share?}`: true, false, or the other one. */
  toggleSharing: 'agentauth:toggle-sharing',
  /** `{agents?, base_image?}` */
  buildImage: 'agentauth:build-image',
  cancelBuild: 'agentauth:cancel-build',
  /** `{repo?, branch?, base?, path?, carry?}`; asks unless a repository and a branch are given. */
  newWorktree: 'agentauth:new-worktree',
  /** `{path, force?}` */
  removeWorktree: 'agentauth:remove-worktree',
  /** `{path}`: what changed in a worktree. */
  showChanges: 'agentauth:show-changes',
  /** `{agent, profile?}` */
  signOut: 'agentauth:sign-out',
  /** The side panel. */
  showPanel: 'agentauth:show-panel',
  /** `{command}`: a terminal of the server's machine with a command typed, not sent. */
  typeMend: 'agentauth:type-mend'
} as const;
