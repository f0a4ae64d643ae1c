// A network between servers in virtual time. It carries streams as TCP does: bytes come in order and
// in pieces of any size, late, or not at all, because the connection broke. A cut line loses what is
// under way and breaks its connections, and nobody gets through until it heals.

import type { Link } from '../../daemon/core/peer-session.ts';
import { SyncDecoder } from '../../shared/protocol/sync-decoder.ts';
import { encodeSync } from '../../shared/protocol/sync-encoder.ts';
import type { SyncMessage } from '../../shared/protocol/sync-message.ts';
import type { World } from './world.ts';

/** ms; most of the time a line is quick, sometimes it is not. */
const latency = { least: 1, spread: 20, slow: 400, slowShare: 0.02 };

export interface End {
  message(message: SyncMessage): void;
  closed(): void;
}

/** One end of a connection. */
export class Wire implements Link {
  readonly isFull = false;
  readonly isEncrypted = false;
  readonly from: number;
  readonly to: number;
  other: Wire | null = null;
  private readonly network: Network;
  private readonly decoder: SyncDecoder;
  private readonly end: () => End;
  private arrivesAt = 0;
  private isOpen = true;

  constructor(network: Network, from: number, to: number, end: () => End) {
    this.network = network;
    this.from = from;
    this.to = to;
    this.end = end;
    this.decoder = new SyncDecoder({
      message: (message) => {
        if (this.isOpen) end().message(message);
      },
      refuse: (text) => {
        throw new Error(`a message that could not be read: ${text}`);
      },
    });
  }

  send(message: SyncMessage): void {
    if (!this.isOpen) return;
    const { world } = this.network;
    const bytes = Buffer.from(encodeSync(message), 'latin1');
    this.network.bytes += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + 1 + world.below(2 * bytes.length));
      at += piece.length;
      this.later(() => this.other?.decoder.push(piece));
    }
  }

  /** The other end learns of it behind what was sent. */
  close(): void {
    if (!this.isOpen) return;
    this.later(() => this.other?.broken());
    this.broken();
  }

  broken(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.network.wires.delete(this);
    this.end().closed();
  }

  private later(run: () => void): void {
    const { world } = this.network;
    const isSlow = world.random() < latency.slowShare;
    const late = latency.least + world.random() * (isSlow ? latency.slow : latency.spread);
    this.arrivesAt = Math.max(this.arrivesAt, world.now + late);
    world.at(this.arrivesAt, () => {
      if (this.network.wires.has(this) || !this.isOpen) run();
    });
  }
}

export class Network {
  readonly world: World;
  readonly wires = new Set<Wire>();
  /** all that was ever sent */
  bytes = 0;
  private readonly cuts = new Set<string>();

  constructor(world: World) {
    this.world = world;
  }

  /** Both ends of a new connection; null when there is no way. */
  connect(from: number, to: number, near: () => End, far: () => End): [Wire, Wire] | null {
    if (this.cuts.has(line(from, to))) return null;
    const [a, b] = [new Wire(this, from, to, near), new Wire(this, to, from, far)];
    a.other = b;
    b.other = a;
    this.wires.add(a);
    this.wires.add(b);
    return [a, b];
  }

  /** Nothing gets through between the two. */
  cut(a: number, b: number): void {
    this.cuts.add(line(a, b));
    this.reset(a, b);
  }

  /** The connections between the two break; what is under way is lost. */
  reset(a: number, b: number): void {
    for (const wire of [...this.wires]) if (line(wire.from, wire.to) === line(a, b)) wire.broken();
  }

  heal(): void {
    this.cuts.clear();
  }
}

function line(a: number, b: number): string {
  return `${Math.min(a, b)}-${Math.max(a, b)}`;
}
