// The connections of one simulated server, as daemon/replication/dialer.ts and daemon/replication/replication-service.ts make them:
// every peer is dialled for as long as the process runs, and whoever dials is let in.
import type { OutboundSession } from '../../daemon/core/sync/outbound-session.ts';
import type { PeerSession } from '../../daemon/core/sync/peer-session.ts';
import type { SyncEngine } from '../../daemon/core/sync/sync-engine.ts';
import { backoffMs, type Clocks } from '../../daemon/core/timing/timing.ts';
import type { SyncMessage } from '../../shared/protocol/sync-message.ts';
import type { End, Network, Wire } from './network.ts';

/** The process that connections belong to; nothing reaches it once it is gone. */
export interface Process {
  readonly index: number;
  readonly network: Network;
  readonly syncEngine: SyncEngine;
  readonly dialers: readonly Dialer[];
  /** the connection of each session */
  readonly wires: Map<PeerSession, Pick<Wire, 'send' | 'close'>>;
  /** Gives the sync engine an input, and performs its effects. */
  drive<T>(input: (now: Clocks) => T): T;
  /** Runs it when the machine is awake, unless the process has ended. */
  soon(run: () => void): void;
  after(ms: number, run: () => void): void;
  /** its monotonic clock */
  now(): number;
  /** Something of a peer arrived. */
  heard(): void;
}

/** What may be dialled. */
export interface Listening {
  readonly index: number;
  readonly address: string;
  readonly process: Process | null;
}

export class Dialer {
  readonly address: string;
  private readonly process: Process;
  private readonly peer: Listening;
  private attempt = 0;
  /** which pause is under way: one that was cut short does not dial when it ends */
  private pause = 0;
  private isPausing = false;

  constructor(process: Process, peer: Listening) {
    this.process = process;
    this.peer = peer;
    this.address = peer.address;
  }

  dial(): void {
    const { process, peer } = this;
    const { network } = process;
    this.isPausing = false;
    let session: OutboundSession | null = null;
    const near: End = {
      heard: () =>
        process.soon(() => {
          const to = session;
          if (to !== null) process.drive((now) => process.syncEngine.heard(to, now));
        }),
      message: (message) =>
        process.soon(() => {
          process.heard();
          const to = session;
          if (to !== null) process.drive((now) => process.syncEngine.receive(to, message, now));
        }),
      closed: () => process.soon(() => this.ended(session)),
      refused: (text) => {
        throw new Error(`${peer.address} said what could not be read: ${text}`);
      },
    };
    const far = peer.process === null ? null : new Worker(peer.process);
    const wires = far && network.connect(process.index, peer.index, near, far);
    if (!wires) {
      this.ended(null);
      return;
    }
    far.wire = wires[1];
    process.drive((now) => {
      session = process.syncEngine.dialled(peer.address, now);
      if (session !== null) process.wires.set(session, wires[0]);
    });
  }

  /** The peer was just heard of: now is a good time. */
  wake(): void {
    if (this.isPausing) this.dial();
  }

  private ended(session: OutboundSession | null): void {
    const { process } = this;
    if (session !== null) closed(process, session);
    if (session?.isOpen) this.attempt = 0;
    const pause = ++this.pause;
    this.isPausing = true;
    process.after(backoffMs(this.attempt++, process.network.world.random), () => {
      if (this.isPausing && this.pause === pause) this.dial();
    });
  }
}

/** The end of a connection that was accepted: a greeting first, then a session. */
class Worker implements End {
  wire: Wire | null = null;
  private readonly process: Process;
  private session: PeerSession | null = null;

  constructor(process: Process) {
    this.process = process;
  }

  message(message: SyncMessage): void {
    this.process.soon(() => this.take(message));
  }

  heard(): void {
    this.process.soon(() => {
      const { session } = this;
      if (session !== null)
        this.process.drive((now) => this.process.syncEngine.heard(session, now));
    });
  }

  closed(): void {
    this.process.soon(() => {
      if (this.session !== null) closed(this.process, this.session);
    });
  }

  refused(text: string): void {
    throw new Error(`a dialler said what could not be read: ${text}`);
  }

  private take(message: SyncMessage): void {
    const { process, wire } = this;
    if (wire === null || !wire.isOpen) return;
    process.heard();
    const { session } = this;
    if (session !== null) {
      process.drive((now) => process.syncEngine.receive(session, message, now));
      return;
    }
    if (message.kind !== 'hello') throw new Error(`${message.kind} before a greeting`);
    const accepted = process.drive((now) => {
      const result = process.syncEngine.accepted(message, now);
      if (!('code' in result)) process.wires.set(result, wire);
      return result;
    });
    if ('code' in accepted) {
      wire.send({ kind: 'error', ...accepted });
      wire.close();
      return;
    }
    this.session = accepted;
    for (const dialer of process.dialers) if (dialer.address === message.listen) dialer.wake();
  }
}

function closed(process: Process, session: PeerSession): void {
  process.wires.delete(session);
  process.drive(() => process.syncEngine.closed(session));
}
