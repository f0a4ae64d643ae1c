// What a connection has read while it is not known whether the backlog has room for it: carried out, in
// its order, when that is known.

export class HeldBack {
  private kept: (() => void)[] | null = null;

  /** Whether something is held back, be it nothing but the beginning of a request. */
  get isActive(): boolean {
    return this.kept !== null;
  }

  /** Whether a request is held back, as a whole. */
  get hasWhole(): boolean {
    return this.kept !== null && this.kept.length > 0;
  }

  begin(): void {
    this.kept = [];
  }

  keep(carryOut: () => void): void {
    this.kept?.push(carryOut);
  }

  /** All that was kept; nothing is held back any more. */
  end(): (() => void)[] {
    const kept = this.kept ?? [];
    this.kept = null;
    return kept;
  }
}
