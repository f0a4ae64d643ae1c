// How full a backlog is, as shares of the setting Backlog (PROTOCOL.md, "redirect, busy"): the marks
// at which requests are sent elsewhere, and the hysteresis that keeps a server from going to and fro.

/** From here on a server sends elsewhere those that know nothing yet: they cost most. */
const softMark = 0.8;

/** Below this it takes everybody again; the gap is more than one turn of the loop empties. */
const clearMark = 0.6;

/** From here on deltas go elsewhere too; the rest is for registrations. */
const deltaMark = 0.9;

/** However small Backlog is, one request alone is no load. */
const leastLoad = 2;

/** A backlog, and the most it may be. A peer's limit of 0 means that it takes nobody. */
export interface Fill {
  backlog: number;
  limit: number;
}

export function shareOf({ backlog, limit }: Fill): number {
  return backlog / limit;
}

export function isOverSoftMark({ backlog, limit }: Fill): boolean {
  return backlog >= Math.max(leastLoad, softMark * limit);
}

export function isOverClearMark({ backlog, limit }: Fill): boolean {
  return backlog >= Math.max(leastLoad, clearMark * limit);
}

export function isOverDeltaMark({ backlog, limit }: Fill): boolean {
  return backlog >= Math.max(leastLoad, deltaMark * limit);
}

/** Between two times that peers are told out of turn, in ms: a burst fills and empties a backlog often. */
const newsPauseMs = 50;

/** True from the soft mark on, until the backlog is below the clear mark. */
export class LoadState {
  private isLoaded = false;
  private told = { isLoaded: false, at: Number.NEGATIVE_INFINITY };

  look(fill: Fill): boolean {
    if (isOverSoftMark(fill)) this.isLoaded = true;
    else if (!isOverClearMark(fill)) this.isLoaded = false;
    return this.isLoaded;
  }

  /** Whether it became another since this was last true; that often is enough. */
  takeNews(mono: number): boolean {
    const { isLoaded, told } = this;
    if (isLoaded === told.isLoaded || mono - told.at < newsPauseMs) return false;
    this.told = { isLoaded, at: mono };
    return true;
  }
}
