// The machine of a simulated name server: its disk and its clocks last, its process comes and goes.
import { noRow } from '../../daemon/core/registry/row-list.ts';
import type { PeerEvent } from '../../daemon/core/sync/peer-session.ts';
import type { PeerStatus } from '../../shared/ipc/status-contract.ts';
import type { HostChange } from '../../shared/protocol/sync-message.ts';
import { packed } from '../fixture/registry.ts';
import type { SimClock } from './clock.ts';
import { Disk } from './disk.ts';
import { SimProcess } from './process.ts';
import type { Act, Asker, Machine, Surroundings, Verb } from './surroundings.ts';

/** How a process ends: alone, or its machine with it, so that no peer is notified. */
export type CrashKind = 'process' | 'machine';

/** A disk as it was, and what had been answered by then. */
export interface Backup {
  readonly disk: Disk;
  readonly promised: readonly Act[];
}

export class Server implements Machine {
  readonly index: number;
  readonly address: string;
  readonly clock: SimClock;
  readonly events: PeerEvent[] = [];
  disk: Disk;
  process: SimProcess | null = null;
  /** what its disk must hold, because it was answered */
  promised: Act[] = [];
  wakesAt = 0;
  /** when its process ended last */
  crashedAt = 0;
  private readonly fleet: Surroundings;

  constructor(fleet: Surroundings, index: number, clock: SimClock) {
    this.fleet = fleet;
    this.index = index;
    this.address = `10.9.0.${index + 1}:4524`;
    this.clock = clock;
    this.disk = new Disk(fleet.tag());
  }

  get id(): string {
    return `server-${this.index}`;
  }

  get isAsleep(): boolean {
    return this.fleet.world.now < this.wakesAt;
  }

  /** The process runs and does not sleep. */
  get isAwake(): boolean {
    return this.process !== null && !this.isAsleep;
  }

  /** Nothing when it runs already. */
  start(): void {
    if (this.process !== null) return;
    this.fleet.note(() => `${this.id}: starts`);
    this.process = new SimProcess(this, this.fleet);
    this.fleet.witness.started(this.index);
    this.process.start();
  }

  /** The process is gone, and everything that was not committed. */
  crash(kind: CrashKind = 'process'): void {
    if (this.process === null) return;
    this.fleet.note(() => `${this.id}: the ${kind} crashes`);
    this.process = null;
    this.wakesAt = 0;
    this.crashedAt = this.fleet.world.now;
    for (const wire of [...this.fleet.network.wires])
      if (wire.from === this.index) wire.vanish(kind === 'process');
  }

  /** Nothing runs here for this long; what arrives meanwhile is dealt with afterwards. */
  sleep(ms: number, monoStops: boolean): void {
    this.fleet.note(() => `${this.id}: sleeps for ${Math.round(ms)} ms`);
    const wakesAt = this.fleet.world.now + ms;
    this.wakesAt = wakesAt;
    // A machine that was restarted meanwhile does not wake again: its monotonic clock must not go back.
    if (monoStops)
      this.fleet.world.at(wakesAt, () => {
        if (this.wakesAt === wakesAt) this.clock.stoodStill(ms);
      });
  }

  /** The wall clock is set: `offsetMs` from true time. */
  setClock(offsetMs: number): void {
    this.fleet.note(() => `${this.id}: its clock is set to ${Math.round(offsetMs)} ms from true`);
    this.clock.offsetMs = offsetMs;
  }

  backup(): Backup {
    return { disk: this.disk.copy(), promised: [...this.promised] };
  }

  /** What was written since the backup is lost. The process must not run. */
  restore({ disk, promised }: Backup): void {
    if (this.process !== null) throw new Error(`${this.id} runs: crash it before a restore`);
    this.fleet.note(() => `${this.id}: its disk is restored from a backup`);
    const kept = new Set(promised);
    for (const act of this.promised) if (!kept.has(act)) act.isForgotten = true;
    this.disk = disk.copy();
    this.promised = [...promised];
  }

  /** A host's request arrives; `answered` when it is on the disk. Nothing happens when nobody is here. */
  ask(verb: Verb, asker: Asker, answered: () => void): void {
    if (this.isAwake) this.process?.ask(verb, asker, answered);
  }

  /** The live hosts, as they are published, by address. */
  live(): HostChange[] {
    const registry = this.process?.registry;
    if (registry === undefined) return [];
    return Array.from({ length: registry.rowsUsed }, (_, row) => row)
      .filter((row) => registry.isLive(row))
      .map((row) => registry.hostChange(row))
      .toSorted((a, b) => (a.address < b.address ? -1 : 1));
  }

  /** Whether the host is in the list that this server answers with. */
  serves(address: string): boolean {
    const registry = this.process?.registry;
    if (registry === undefined) return false;
    const row = registry.find(packed(address), 0);
    return row !== noRow && registry.isLive(row);
  }

  /** How it sees its peers. */
  view(): PeerStatus[] {
    return this.process?.syncEngine.view(this.clock.now()) ?? [];
  }
}
