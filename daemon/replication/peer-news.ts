// What happens with peers, told to the log and to consoles. A peer that does the same again and again
// is told of once a minute, and none fills the log and the history by doing something else each time.
import { printable } from '../../shared/output/printable.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import type { History } from '../core/stats/history.ts';
import type { PeerEvent } from '../core/sync/peer-session.ts';
import type { Logger } from '../log.ts';

const againMs = 60_000;

/** Different things told of one address in that time: what changes while an operator mends it. */
const mostTold = 4;

/** With a secret any address may be a peer's. */
const maxAddresses = 256;

/** That a peer is there, or is not any more: one that comes and goes does so four times a second. */
const mostChanges = 10;

interface Told {
  since: number;
  texts: string[];
  changes: number;
}

export class PeerNews {
  private readonly log: Logger;
  private readonly history: History;
  private readonly monotonic: () => number;
  /** in the order of `since` */
  private readonly told = new Map<string, Told>();

  constructor(options: { log: Logger; history: History; monotonic: () => number }) {
    this.log = options.log;
    this.history = options.history;
    this.monotonic = options.monotonic;
  }

  tell({ kind, address, text }: PeerEvent): void {
    const told = this.toldOf(address);
    if (kind === 'up' || kind === 'lost') {
      if (++told.changes > mostChanges) return;
    } else {
      // How many and how far ahead differs each time.
      const what = kind === 'ahead' ? kind : text;
      if (told.texts.includes(what) || told.texts.length === mostTold) return;
      told.texts.push(what);
    }
    const said = printable(text, 300);
    this.log[kind === 'up' ? 'info' : 'warn']({ peer: address }, `peer ${address} ${said}`);
    this.history.add(wallNow(), 'peer', address, said);
  }

  /** What was told of the address in this minute. */
  private toldOf(address: string): Told {
    const now = this.monotonic();
    for (const [key, { since }] of this.told) {
      if (now - since < againMs && this.told.size < maxAddresses) break;
      this.told.delete(key);
    }
    const told = this.told.get(address) ?? { since: now, texts: [], changes: 0 };
    this.told.set(address, told);
    return told;
  }
}
