/** An output follows its announcement at once; in ms, for a page that is busy. */
const LASTING = 30_000;

/**
 * Sessions whose terminals a running cell wants in its output.
 *
 * Each announcement is for one output, the next: saved outputs are never announced.
 */
export class Announcements {
  constructor(private readonly now: () => number = Date.now) {}

  add(session: string): void {
    this.announced.set(session, this.now());
  }

  /** Whether the output that is being made was announced. */
  take(session: string): boolean {
    const at = this.announced.get(session);
    this.announced.delete(session);
    return at !== undefined && this.now() - at < LASTING;
  }

  private readonly announced = new Map<string, number>();
}
