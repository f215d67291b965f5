import type { IApi } from '../rest/api';
import { RequestError } from '../rest/requestError';
import type { BuildEvent, IBuildRequest } from '../rest/types';
import { afterEvent, BEGUN, type IBuild } from './build';

/** Follows the build of the agent image on the server, whichever page began it. */
export class BuildFollower {
  /**
   * @param changed - called after each change of `build`
   * @param ended - called when what was followed has ended: the image may be another one
   */
  constructor(
    private readonly api: Pick<IApi, 'build'>,
    private readonly changed: () => void,
    private readonly ended: () => Promise<void>
  ) {}

  /** The build that runs or ran last; null when none did, as far as this page knows. */
  get build(): IBuild | null {
    return this._build;
  }

  /**
   * Begin a build, and follow it to its end.
   *
   * @throws RequestError - when it cannot begin
   */
  async begin(wanted: IBuildRequest): Promise<void> {
    this.set(BEGUN);
    await this.follow(wanted);
  }

  /** Follow the build that runs, if one does and it is not followed yet. */
  async join(): Promise<void> {
    if (!this.following) {
      await this.follow(null);
    }
  }

  /** Take note of what the server tells of the image: a build begins, or ended unseen. */
  imageIs(state: string | undefined): void {
    if (state === 'building' || this._build?.state === 'running') {
      void this.join();
    }
  }

  private async follow(wanted: IBuildRequest | null): Promise<void> {
    this.following = true;
    let lines = 0;
    const take = (event: BuildEvent) => {
      this.set(afterEvent(lines === 0 ? BEGUN : (this._build ?? BEGUN), event));
      lines += 1;
    };
    try {
      await this.api.build(wanted, take);
      if (this._build?.state === 'running') {
        this.set(null); // None runs any more, and nobody saw how it ended.
      }
    } catch (error) {
      // What had begun goes on without this page, which joins it again.
      const goesOn = lines > 0 && error instanceof RequestError && error.reason === 'unreachable';
      if (wanted !== null && !goesOn) {
        const message = error instanceof Error ? error.message : String(error);
        take({ type: 'error', message, reason: 'failed' });
        throw error;
      }
    } finally {
      this.following = false;
      if (lines > 0) {
        await this.ended();
      }
    }
  }

  private set(build: IBuild | null): void {
    this._build = build;
    this.changed();
  }

  private _build: IBuild | null = null;
  private following = false;
}
