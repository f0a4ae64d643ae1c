// One link between two servers over a bus that may lose messages, but keeps the order of those that one server sends
// to another. Frames are numbered: a gap breaks the link, and what it carried is sent again over the next one, by
// the rules of sync. Nothing is sent again here.
//
// Invariant: a frame is sent only while less than `windowBytes` are under way that the other side has not read. So a
// server that reads too little holds back those who send to it, and never the bus.
import type { BusFrame } from '../../../shared/protocol/bus-frame.ts';

/** Enough to keep a link of 10 Mbit/s and 200 ms busy; all links of a fleet of 200 then fit into 50 MiB. */
const windowBytes = 262_144;

/** An acknowledgement for each quarter of it: the sender never waits for one that is on its way. */
const ackBytes = windowBytes / 4;

/** What becomes of a link, for whoever reads and writes it. */
export interface BusLinkEvents {
  /** Bytes have come; `BusLink.taken` says when they were read. */
  data(bytes: Uint8Array): void;
  /** Everything that was written is under way. */
  drained(): void;
  /** The other side sends nothing more. */
  ended(): void;
  /** The link is broken; nothing follows. */
  broken(): void;
}

/** One link, from either side. */
export class BusLink {
  readonly name: string;
  /** the station at the other end */
  readonly station: string;
  events: BusLinkEvents | null = null;
  isBroken = false;
  private readonly pieceBytes: number;
  private readonly publish: (frame: BusFrame) => void;
  private readonly unsent: Uint8Array[] = [];
  private isEnding = false;
  private sentNumber = 0;
  private sentBytes = 0;
  private ackedBytes = 0;
  private receivedNumber = 0;
  private takenBytes = 0;
  private toldBytes = 0;

  /** @param pieceBytes of data in a frame, at most */
  constructor(options: {
    name: string;
    station: string;
    pieceBytes: number;
    publish: (frame: BusFrame) => void;
  }) {
    this.name = options.name;
    this.station = options.station;
    this.pieceBytes = options.pieceBytes;
    this.publish = options.publish;
  }

  /** `drained` follows, which may be at once. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += this.pieceBytes)
      this.unsent.push(bytes.subarray(at, at + this.pieceBytes));
    this.pump();
  }

  /** Nothing more is written. */
  end(): void {
    if (this.isBroken || this.isEnding) return;
    this.isEnding = true;
    this.publish({ kind: 'end', link: this.name, number: ++this.sentNumber });
  }

  /** The link is not wanted any more, on this side. */
  close(): void {
    if (this.isBroken) return;
    this.isBroken = true;
    this.publish({ kind: 'close', link: this.name });
  }

  /** So many bytes of those that came were read. */
  taken(bytes: number): void {
    this.takenBytes += bytes;
    if (this.isBroken || this.takenBytes - this.toldBytes < ackBytes) return;
    this.toldBytes = this.takenBytes;
    const { name: link, takenBytes: taken } = this;
    this.publish({ kind: 'ack', link, number: ++this.sentNumber, taken });
  }

  receive(frame: BusFrame): void {
    if (this.isBroken) return;
    if (frame.kind === 'close') {
      this.break();
      return;
    }
    if (!('number' in frame)) return;
    // Leaf nodes that are joined twice may deliver a message twice (nats-io/nats-server#3191, #5473).
    if (frame.number <= this.receivedNumber) return;
    if (frame.number !== this.receivedNumber + 1) {
      this.publish({ kind: 'close', link: this.name });
      this.break();
      return;
    }
    this.receivedNumber = frame.number;
    if (frame.kind === 'data') this.events?.data(frame.bytes);
    else if (frame.kind === 'end') this.events?.ended();
    else {
      this.ackedBytes = Math.min(this.sentBytes, Math.max(this.ackedBytes, frame.taken));
      this.pump();
    }
  }

  /** There is no other side any more. */
  break(): void {
    if (this.isBroken) return;
    this.isBroken = true;
    this.events?.broken();
  }

  private pump(): void {
    const had = this.unsent.length > 0;
    while (!this.isBroken && this.sentBytes - this.ackedBytes < windowBytes) {
      const bytes = this.unsent.shift();
      if (bytes === undefined) break;
      this.sentBytes += bytes.length;
      this.publish({ kind: 'data', link: this.name, number: ++this.sentNumber, bytes });
    }
    if (had && this.unsent.length === 0) this.events?.drained();
  }
}
