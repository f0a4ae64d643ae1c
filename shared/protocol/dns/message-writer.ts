// Writes the records of one DNS message, as they are behind its question, never longer than their limit. A name that was
// written before, or ends like one, becomes a pointer (RFC 1035 §4.1.4), but not in an SRV record, where RFC 2782
// forbids it. So the bytes hold for every query of this name, whatever its case.
import { classIn, headerBytes, maxMessageBytes, maxNameBytes, recordTypes } from './dns-codes.ts';
import { type DnsQuery, labelsOf } from './dns-query.ts';

/** The data of a record. Names end with a dot, and have only letters, digits, `-` and `_` in their labels. */
export type RecordData =
  /** 4 bytes */
  | { type: 'A'; ip: ArrayLike<number> }
  /** 16 bytes */
  | { type: 'AAAA'; ip: ArrayLike<number> }
  | { type: 'SRV'; port: number; target: string }
  /** at most 255 characters of ASCII: one string, because some clients do not join several */
  | { type: 'TXT'; text: string }
  | { type: 'NS'; target: string }
  | { type: 'SOA'; primary: string; mailbox: string; serial: number; times: SoaTimes }
  | { type: 'HINFO'; cpu: string; os: string };

/** The times of a zone (RFC 1035 §3.3.13), in seconds. `negative`: for how long an NXDOMAIN is kept (RFC 2308). */
export interface SoaTimes {
  refresh: number;
  retry: number;
  expire: number;
  negative: number;
}

/** A record; `owner` null: the name in the question. */
export interface DnsRecord {
  owner: string | null;
  /** seconds */
  ttl: number;
  data: RecordData;
}

export type Section = 'answer' | 'authority' | 'additional';

/** The upper bits of a pointer. */
const pointerBits = 0xc000;

/** The longest record: three names of an SOA, its head and its numbers. */
const maxRecordBytes = 3 * maxNameBytes + 10 + 20;

/** Records are written here, for one message at a time, and copied when they are finished; each before it is measured. */
const out = Buffer.alloc(maxMessageBytes + maxRecordBytes);

/** How many records each section has. */
export type SectionCounts = Record<Section, number>;

/** Writes the records of one message; only the latest writer may be used. */
export class MessageWriter {
  readonly counts: SectionCounts = { answer: 0, authority: 0, additional: 0 };
  private readonly start: number;
  private at: number;
  private readonly end: number;
  /** where each name begins */
  private readonly offsets = new Map<string, number>();

  /** Begins behind the question. `limit`: where the records must end. */
  constructor(query: DnsQuery, limit: number) {
    this.start = headerBytes + query.question.length;
    this.at = this.start;
    this.end = Math.min(limit, maxMessageBytes);
    let suffix = '';
    let offset = this.start - 5;
    for (const label of labelsOf(query).reverse()) {
      suffix = `${label}.${suffix}`;
      offset -= 1 + label.length;
      this.offsets.set(suffix, offset);
    }
  }

  /** Adds a record if it fits and leaves `spare` bytes. Sections are written in their order. */
  add(section: Section, record: DnsRecord, spare = 0): boolean {
    const start = this.at;
    if (record.owner === null) this.word(pointerBits | headerBytes);
    else this.name(record.owner, true);
    this.word(recordTypes[record.data.type]);
    this.word(classIn);
    this.long(record.ttl);
    this.data(record.data);
    if (this.at <= this.end - spare) {
      this.counts[section]++;
      return true;
    }
    this.at = start;
    for (const [name, offset] of this.offsets) if (offset >= start) this.offsets.delete(name);
    return false;
  }

  /** The records; the writer does not keep them. */
  finish(): Uint8Array {
    return Buffer.from(out.subarray(this.start, this.at));
  }

  private data(data: RecordData): void {
    const start = this.at;
    this.at += 2;
    switch (data.type) {
      case 'A':
      case 'AAAA':
        // Faster than `set` for so few bytes.
        for (let i = 0; i < data.ip.length; i++) out[this.at++] = data.ip[i] as number;
        break;
      case 'SRV':
        // Priority and weight: all hosts are alike.
        this.long(0);
        this.word(data.port);
        this.name(data.target, false);
        break;
      case 'TXT':
        this.text(data.text);
        break;
      case 'NS':
        this.name(data.target, true);
        break;
      case 'SOA':
        this.name(data.primary, true);
        this.name(data.mailbox, true);
        this.long(data.serial);
        this.long(data.times.refresh);
        this.long(data.times.retry);
        this.long(data.times.expire);
        this.long(data.times.negative);
        break;
      case 'HINFO':
        this.text(data.cpu);
        this.text(data.os);
        break;
    }
    out.writeUInt16BE(this.at - start - 2, start);
  }

  private name(name: string, mayPoint: boolean): void {
    let rest = name;
    while (rest !== '') {
      const known = this.offsets.get(rest);
      if (mayPoint && known !== undefined) {
        this.word(pointerBits | known);
        return;
      }
      if (known === undefined) this.offsets.set(rest, this.at);
      const dot = rest.indexOf('.');
      this.text(rest.slice(0, dot));
      rest = rest.slice(dot + 1);
    }
    out[this.at++] = 0;
  }

  /** A label, or a string of TXT: both are a length and that many bytes. */
  private text(text: string): void {
    out[this.at++] = text.length;
    this.at += out.write(text, this.at, 'latin1');
  }

  private word(value: number): void {
    out[this.at++] = value >>> 8;
    out[this.at++] = value;
  }

  private long(value: number): void {
    this.word(value >>> 16);
    this.word(value & 0xffff);
  }
}
