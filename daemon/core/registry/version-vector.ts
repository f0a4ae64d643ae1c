// The version vector: up to which entry the log of each other server is in this registry. It is
// stored with the changes that it covers, so that neither is ever ahead of the other.
import type { Applied } from './host-record.ts';

export class VersionVector {
  private readonly logs: Map<string, Applied>;
  private readonly unstored = new Set<string>();

  constructor(logs: Iterable<[server: string, Applied]> = []) {
    this.logs = new Map(logs);
  }

  /** 0 when nothing is, or when the server has numbered its entries anew since. */
  entryOf(server: string, epoch: string): number {
    const applied = this.logs.get(server);
    return applied?.epoch === epoch ? applied.entry : 0;
  }

  note(server: string, epoch: string, entry: number): void {
    this.logs.set(server, { epoch, entry });
    this.unstored.add(server);
  }

  all(): Iterable<[server: string, Applied]> {
    return this.logs;
  }

  get hasPending(): boolean {
    return this.unstored.size > 0;
  }

  pending(): [server: string, Applied][] {
    return [...this.unstored].map((server) => [server, this.logs.get(server) as Applied]);
  }

  settle(): void {
    this.unstored.clear();
  }
}
