// The network between servers in virtual time. It carries streams as TCP does: bytes come in order
// and in pieces of any size, late, or not at all. On a line that is cut they wait, and come when it
// is mended in time; a connection that is reset loses what is under way at both ends at once.
import { SyncDecoder } from '../../shared/protocol/sync-decoder.ts';
import { encodeSync, type SyncMessage, type SyncNews } from '../../shared/protocol/sync-message.ts';
import { direction, type Reach } from './reach.ts';
import type { World } from './world.ts';

/** ms; most of the time a line is quick, sometimes it is not. */
const latency = { least: 1, spread: 20, slow: 400, slowShare: 0.02 };

/** Of the messages, so many come in pieces. */
const piecesShare = 0.1;

/** Bytes of a packet on a narrow line. */
const packetBytes = 1_460;

/** What is counted: messages of sync, and what servers on a bus say of themselves. */
type SentKind = (SyncMessage | SyncNews)['kind'] | 'announcement';

export interface End {
  /** Bytes have come, if only a part of a message. */
  heard(): void;
  message(message: SyncMessage): void;
  closed(): void;
  /** What arrived could not be read. */
  refused(text: string): void;
}

/** One end of a connection. */
export class Wire {
  readonly from: number;
  readonly to: number;
  isOpen = true;
  other: Wire | null = null;
  private readonly network: Network;
  private readonly decoder: SyncDecoder;
  private readonly end: End;
  private arrivesAt = 0;
  /** what waits for the line to be mended, in order */
  private held: (() => void)[] = [];
  private isVanished = false;

  constructor(network: Network, from: number, to: number, end: End) {
    this.network = network;
    this.from = from;
    this.to = to;
    this.end = end;
    this.decoder = new SyncDecoder({
      message: (message) => {
        if (this.isOpen) end.message(message);
      },
      refuse: (text) => {
        if (this.isOpen) end.refused(text);
      },
    });
  }

  send(message: SyncMessage): void {
    if (!this.isOpen) return;
    const { world } = this.network;
    const bytes = Buffer.from(encodeSync(message), 'latin1');
    this.network.sent(message.kind, bytes.length);
    if (this.network.isNarrow(this.from, this.to)) {
      for (let at = 0; at < bytes.length; at += packetBytes) {
        const packet = bytes.subarray(at, at + packetBytes);
        this.carry(() => this.other?.take(packet), packet.length);
      }
      return;
    }
    if (world.random() >= piecesShare) {
      this.carry(() => this.other?.take(bytes));
      return;
    }
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + 1 + world.below(bytes.length));
      at += piece.length;
      this.carry(() => this.other?.take(piece));
    }
  }

  /** The other end learns of it behind what was sent. */
  close(): void {
    if (!this.isOpen) return;
    this.carry(() => this.other?.broken());
    this.broken();
  }

  /** This end learns now that there is no connection any more. */
  broken(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.network.wires.delete(this);
    this.end.closed();
  }

  /** The process at this end is gone. `isNotified`: its machine is there, and notifies the other end. */
  vanish(isNotified: boolean): void {
    if (!this.isOpen) return;
    if (isNotified) this.carry(() => this.other?.broken());
    this.isOpen = false;
    this.isVanished = true;
    this.network.wires.delete(this);
  }

  /** The line may be mended: what waited comes now, and what is under way behind it. */
  release(): void {
    const { world, reach, holding } = this.network;
    world.after(latency.least + world.random() * latency.spread, () => {
      if (!reach.between(this.from, this.to)) return;
      holding.delete(this);
      for (const run of this.held.splice(0)) run();
    });
  }

  private take(bytes: Buffer): void {
    if (this.isVanished) {
      this.answerForNobody();
      return;
    }
    if (this.isOpen) this.end.heard();
    this.decoder.push(bytes);
  }

  /** Bytes for a process that is gone: its machine, when it runs, says so. */
  private answerForNobody(): void {
    if (this.network.isUp(this.from)) this.carry(() => this.other?.broken());
  }

  private carry(run: () => void, bytes = 0): void {
    const { world, reach } = this.network;
    const isSlow = world.random() < latency.slowShare;
    const spread = isSlow ? latency.slow : latency.spread;
    const late = latency.least + world.random() * spread + this.network.delayMs(this.from, this.to);
    const sentAt = this.network.passes(this.from, this.to, bytes);
    this.arrivesAt = Math.max(this.arrivesAt, sentAt + late);
    world.at(this.arrivesAt, () => {
      if (this.held.length > 0 || !reach.between(this.from, this.to)) {
        this.held.push(run);
        this.network.holding.add(this);
      } else run();
    });
  }
}

export class Network {
  readonly world: World;
  readonly reach: Reach;
  /** every end that is open */
  readonly wires = new Set<Wire>();
  /** those with something that waits */
  readonly holding = new Set<Wire>();
  /** all that was ever sent */
  bytes = 0;
  /** all that was ever sent, once for each server that it was for */
  delivered = 0;
  /** how many messages of each kind were sent */
  readonly counts = new Map<SentKind, number>();
  /** bytes of the largest message of each kind */
  readonly largest = new Map<SentKind, number>();
  /** Whether the machine of that server is on. */
  readonly isUp: (server: number) => boolean;
  private readonly delays = new Map<number, number>();
  /** by direction: bytes a second, and until when what was sent before keeps the line busy */
  private readonly narrow = new Map<number, { rate: number; busyUntil: number }>();

  constructor(world: World, reach: Reach, isUp: (server: number) => boolean) {
    this.world = world;
    this.reach = reach;
    this.isUp = isUp;
  }

  /** Both ends of a new connection; null when there is no way. */
  connect(from: number, to: number, near: End, far: End): [Wire, Wire] | null {
    if (!this.reach.mayDial(from, to)) return null;
    const [a, b] = [new Wire(this, from, to, near), new Wire(this, to, from, far)];
    a.other = b;
    b.other = a;
    this.wires.add(a);
    this.wires.add(b);
    return [a, b];
  }

  /** Takes note of a message, to one server or to several. */
  sent(kind: SentKind, length: number, receivers = 1): void {
    this.bytes += length;
    this.delivered += length * receivers;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    if (length > (this.largest.get(kind) ?? 0)) this.largest.set(kind, length);
  }

  /** The connections between the two break; what is under way is lost. */
  reset(a: number, b: number): void {
    for (const wire of [...this.wires])
      if ((wire.from === a && wire.to === b) || (wire.from === b && wire.to === a)) wire.broken();
  }

  /** Everything between the two takes this much longer; 0: as usual again. */
  slow(a: number, b: number, ms: number): void {
    for (const line of [direction(a, b), direction(b, a)])
      if (ms === 0) this.delays.delete(line);
      else this.delays.set(line, ms);
  }

  /** The line between the two carries so many bytes a second each way, whatever the number of connections. */
  narrowTo(a: number, b: number, rate: number): void {
    for (const key of [direction(a, b), direction(b, a)])
      this.narrow.set(key, { rate, busyUntil: this.world.now });
  }

  isNarrow(from: number, to: number): boolean {
    return this.narrow.size > 0 && this.narrow.has(direction(from, to));
  }

  /** When the last of these bytes has left, behind all that waits; what waits in between has no limit. */
  passes(from: number, to: number, bytes: number): number {
    const line = this.narrow.get(direction(from, to));
    if (line === undefined) return this.world.now;
    line.busyUntil = Math.max(line.busyUntil, this.world.now) + (bytes / line.rate) * 1_000;
    return line.busyUntil;
  }

  delayMs(from: number, to: number): number {
    return this.delays.size === 0 ? 0 : (this.delays.get(direction(from, to)) ?? 0);
  }

  unslow(): void {
    this.delays.clear();
  }

  /** Lines were mended: what waited for them goes on. */
  mended(): void {
    for (const wire of this.holding) wire.release();
  }
}
