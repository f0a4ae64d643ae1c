// Samples for queries that are answered together. Drawing 50 hosts and writing them as text is half of what a query
// costs where thousands come in a second, so up to eight askers of one moment get the same ones. However many ask, a
// host is named to eight of them at a time; an asker that is alone gets a sample of its own.
//
// Invariant: nobody is in the sample that it gets, and no host in it came after the query.
import {
  type AddressBatch,
  type AddressList,
  addressWords,
} from '../../../shared/protocol/address.ts';
import { encodeHostsLines } from '../../../shared/protocol/native-reply.ts';
import { batchSize } from './hosts-list.ts';
import { pick, type Sampled, sample } from './sampling.ts';

/** Askers of one sample. More would save little, and as many nodes begin with the same neighbours. */
const mostAskers = 8;

/** A sample with its text, which is made once. */
class SharedSample implements AddressBatch {
  private readonly hosts: AddressList;
  private readonly limit: number;
  private readonly until: number;
  private readonly kinds: number | undefined;
  private text: Uint8Array | null = null;
  private askers = 1;

  constructor({ asker }: Sampled, limit: number, hosts: AddressList) {
    this.hosts = hosts;
    this.limit = limit;
    this.until = asker.until;
    this.kinds = asker.kinds;
  }

  get words(): Uint32Array {
    return this.hosts.words;
  }

  get length(): number {
    return this.hosts.length;
  }

  get lines(): Uint8Array {
    this.text ??= encodeHostsLines(this.hosts);
    return this.text;
  }

  /** Takes in one more asker of `limit` hosts, if it can have this sample. */
  takes({ roster, asker }: Sampled, limit: number): boolean {
    const { until, kinds, row } = asker;
    const isAlike = limit === this.limit && until === this.until && kinds === this.kinds;
    if (!isAlike || this.askers === mostAskers || this.has(roster.addresses, row * addressWords))
      return false;
    this.askers++;
    return true;
  }

  /** Whether the address packed at `words[at]` is in it. */
  private has(words: Uint32Array, at: number): boolean {
    const { words: own, length } = this.hosts;
    for (let from = 0; from < length * addressWords; from += addressWords) {
      // From the end: addresses of one kind differ there.
      let left = addressWords - 1;
      while (left >= 0 && own[from + left] === words[at + left]) left--;
      if (left < 0) return true;
    }
    return false;
  }
}

/** The samples of the queries that one process answers. */
export class SharedSamples {
  private shared: SharedSample | null = null;

  /** The queries so far are answered: later ones do not get their samples. */
  clear(): void {
    this.shared = null;
  }

  /** A sample for an asker that named no hosts, of a registry with more than `limit` besides it. */
  sample(from: Sampled, limit: number): Iterable<AddressBatch> {
    if (limit > batchSize) return sample(from, limit);
    if (this.shared?.takes(from, limit) !== true)
      this.shared = new SharedSample(from, limit, pick(from, limit));
    return [this.shared];
  }
}
