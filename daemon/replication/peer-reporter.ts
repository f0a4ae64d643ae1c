// Reports what happens with peers to the log and to consoles. The same event of one address is reported once
// a minute, and no address can fill the log and the history with different ones.
import { printable } from '../../shared/output/printable.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import type { History } from '../core/stats/history.ts';
import type { PeerEvent } from '../core/sync/peer-session.ts';
import type { Logger } from '../log.ts';

const windowMs = 60_000;

/** Different texts of one address in a window: what changes while an operator repairs it. */
const maxTexts = 4;

/** `up` and `lost` of one address in a window: a peer that flaps does so four times a second. */
const maxChanges = 10;

/** Addresses in a window: with a secret, a peer may come from any. */
const maxAddresses = 256;

/** Longest text, in characters: it may contain what the peer sent. */
const maxLength = 300;

interface Window {
  since: number;
  texts: string[];
  changes: number;
}

/** The log and the activity of consoles, for peers. */
export class PeerReporter {
  private readonly log: Logger;
  private readonly history: History;
  private readonly monotonic: () => number;
  /** by address, in the order of `since` */
  private readonly windows = new Map<string, Window>();

  constructor(options: { log: Logger; history: History; monotonic: () => number }) {
    this.log = options.log;
    this.history = options.history;
    this.monotonic = options.monotonic;
  }

  report({ kind, address, text }: PeerEvent): void {
    const window = this.windowOf(address);
    if (kind === 'up' || kind === 'lost') {
      if (++window.changes > maxChanges) return;
    } else {
      // How many records are ahead, and how far, differs each time.
      const key = kind === 'ahead' ? kind : text;
      if (window.texts.includes(key) || window.texts.length === maxTexts) return;
      window.texts.push(key);
    }
    const shown = printable(text, maxLength);
    this.log[kind === 'up' ? 'info' : 'warn']({ peer: address }, `peer ${address} ${shown}`);
    this.history.add(wallNow(), 'peer', address, shown);
  }

  private windowOf(address: string): Window {
    const now = this.monotonic();
    for (const [key, { since }] of this.windows) {
      if (now - since < windowMs && this.windows.size < maxAddresses) break;
      this.windows.delete(key);
    }
    const window = this.windows.get(address) ?? { since: now, texts: [], changes: 0 };
    this.windows.set(address, window);
    return window;
  }
}
