// Requests on their way to the process that has the registry: of each what is needed to decide what
// becomes of it. What its list is to be made from (its cursor, the hosts it knows) stays with the
// worker; of that only whether it is there is told.
import { AddressList } from '../../shared/protocol/address.ts';
import { maxNodeIdLength } from '../../shared/protocol/limits.ts';
import type { Request } from '../../shared/protocol/message.ts';

import type { Arrived } from '../core/query/verdict.ts';

const verbs = ['none', 'query', 'alive', 'leave', 'ping'] as const;

const verbMask = 0x0f;
const legacyBit = 0x10;
const sinceBit = 0x20;
const haveBit = 0x40;
const turnedAwayBit = 0x80;

const ipWords = 4;

/** Verb and flags, hop, port, IP, length of the node id, and the longest of those. */
const mostBytes = 1 + 1 + 2 + 4 * ipWords + 1 + maxNodeIdLength;

/** Room for a turn of a server with much to do; doubled when it is not enough. */
const firstBytes = 16_384;

const nothingKnown = new AddressList(0);

export class RequestBatch {
  private bytes = Buffer.allocUnsafe(firstBytes);
  private length = 0;

  get isEmpty(): boolean {
    return this.length === 0;
  }

  add({ request, origin, isTurnedAway }: Arrived): void {
    this.reserve();
    const { bytes } = this;
    let flags: number = verbs.indexOf(request?.verb ?? 'none');
    if (origin.dialect === 'legacy') flags |= legacyBit;
    if (isTurnedAway) flags |= turnedAwayBit;
    if (request?.verb === 'query') {
      if (request.since !== null) flags |= sinceBit;
      if (request.have !== null) flags |= haveBit;
    }
    const isNode = request !== null && request.verb !== 'ping';
    let at = bytes.writeUInt8(flags, this.length);
    at = bytes.writeUInt8(request?.verb === 'query' ? request.hop : 0, at);
    at = bytes.writeUInt16LE(isNode ? request.port : 0, at);
    for (let i = 0; i < ipWords; i++) at = bytes.writeUInt32LE(origin.ip[i] as number, at);
    // ASCII: a node id has no other characters.
    const idLength = isNode ? bytes.write(request.nodeId, at + 1, 'latin1') : 0;
    at = bytes.writeUInt8(idLength, at) + idLength;
    this.length = at;
  }

  /** All that was added, and begins anew. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, this.length));
    this.length = 0;
    return taken;
  }

  private reserve(): void {
    if (this.bytes.length - this.length >= mostBytes) return;
    const grown = Buffer.allocUnsafe(2 * this.bytes.length);
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}

/** The requests in the order in which they were added. */
export function* readRequests(bytes: Buffer): Generator<Arrived, void> {
  for (let at = 0; at < bytes.length; ) {
    const flags = bytes.readUInt8(at);
    const hop = bytes.readUInt8(at + 1);
    const port = bytes.readUInt16LE(at + 2);
    const ip = Uint32Array.of(0, 0, 0, 0, 1);
    for (let i = 0; i < ipWords; i++) ip[i] = bytes.readUInt32LE(at + 4 + 4 * i);
    const idAt = at + 4 + 4 * ipWords + 1;
    at = idAt + bytes.readUInt8(idAt - 1);
    yield {
      request: requestOf(flags, bytes.toString('latin1', idAt, at), port, hop),
      origin: { ip, dialect: flags & legacyBit ? 'legacy' : 'native' },
      isTurnedAway: (flags & turnedAwayBit) !== 0,
    };
  }
}

function requestOf(flags: number, nodeId: string, port: number, hop: number): Request | null {
  const verb = verbs[flags & verbMask];
  switch (verb) {
    case 'query':
      return {
        verb,
        nodeId,
        port,
        limit: null,
        since: flags & sinceBit ? '' : null,
        hop,
        have: flags & haveBit ? nothingKnown : null,
      };
    case 'alive':
    case 'leave':
      return { verb, nodeId, port };
    case 'ping':
      return { verb };
    case 'none':
      return null;
    default:
      throw new RangeError(`verb ${flags & verbMask}`);
  }
}
