// Requests on their way to the main process, and verdicts on their way back, in the same order: neither has a number.
// Of a request goes what its verdict depends on; its cursor and the hosts it names stay with the worker, which makes
// the reply, and the main process learns only that they are there.
import { AddressList } from '../../shared/protocol/address.ts';
import { maxNodeIdLength } from '../../shared/protocol/limits.ts';
import {
  type ErrorCode,
  errorCodes,
  type Refusal,
  type Request,
} from '../../shared/protocol/message.ts';
import {
  type ArrivedRequest,
  type RedirectCause,
  redirectCauses,
  sampled,
  served,
  type Verdict,
} from '../core/query/verdict.ts';

const verbs = ['none', 'query', 'alive', 'leave', 'ping'] as const;

const verbMask = 0x07;
const udpBit = 0x08;
const legacyBit = 0x10;
const sinceBit = 0x20;
const haveBit = 0x40;
const turnedAwayBit = 0x80;

const ipWords = 4;

/** Verb and flags, hop, port, IP, length of the node id, the longest node id. */
const maxRequestBytes = 1 + 1 + 2 + 4 * ipWords + 1 + maxNodeIdLength;

/** Room for a group of a busy server; doubled when it is not enough. */
const firstBytes = 16_384;

/** Stands for the hosts that a query named. */
const someHosts = new AddressList(0);

/** Collects requests for one frame. */
export class RequestBatch {
  private bytes = Buffer.allocUnsafe(firstBytes);
  private length = 0;

  get isEmpty(): boolean {
    return this.length === 0;
  }

  add({ request, origin, isTurnedAway }: ArrivedRequest): void {
    this.reserve();
    const { bytes } = this;
    let flags: number = verbs.indexOf(request?.verb ?? 'none');
    if (origin.dialect === 'legacy') flags |= legacyBit;
    if (origin.dialect === 'udp') flags |= udpBit;
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

  /** The bytes of all that was added; the batch is empty then. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, this.length));
    this.length = 0;
    return taken;
  }

  private reserve(): void {
    if (this.bytes.length - this.length >= maxRequestBytes) return;
    const grown = Buffer.allocUnsafe(2 * this.bytes.length);
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}

/** The requests in the order in which they were added. @throws RangeError of a verb that does not exist */
export function* readRequests(bytes: Buffer): Generator<ArrivedRequest, void> {
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
      origin: { ip, dialect: flags & legacyBit ? 'legacy' : flags & udpBit ? 'udp' : 'native' },
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
        have: flags & haveBit ? someHosts : null,
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

/** Verdicts, and what holds for all of them. */
export interface Verdicts {
  /** why nothing could be stored; null: everything is on disk */
  failure: Refusal | null;
  /** peers know hosts that the roster lacks */
  isCatchingUp: boolean;
  verdicts: Verdict[];
}

const kinds = ['serve', 'sample', 'redirect', 'busy', 'error'] as const;

/** Kind, a number, length of the text. */
const verdictHeadBytes = 1 + 1 + 2;

const catchingUpBit = 1;
const failureBit = 2;

/** The body of a frame of verdicts. */
export function encodeVerdicts({ failure, isCatchingUp, verdicts }: Verdicts): Buffer {
  const all: Verdict[] = failure === null ? verdicts : [{ kind: 'error', ...failure }, ...verdicts];
  const texts = all.map(textOf);
  const length = texts.reduce((sum, text) => sum + verdictHeadBytes + Buffer.byteLength(text), 1);
  const bytes = Buffer.allocUnsafe(length);
  let at = bytes.writeUInt8(
    (isCatchingUp ? catchingUpBit : 0) | (failure === null ? 0 : failureBit),
    0,
  );
  for (const [index, verdict] of all.entries()) {
    const text = texts[index] as string;
    at = bytes.writeUInt8(kinds.indexOf(verdict.kind), at);
    at = bytes.writeUInt8(numberOf(verdict), at);
    const written = text === '' ? 0 : bytes.write(text, at + 2);
    at = bytes.writeUInt16LE(written, at) + written;
  }
  return bytes;
}

/** @throws RangeError of a kind that does not exist */
export function decodeVerdicts(bytes: Buffer): Verdicts {
  const flags = bytes.readUInt8(0);
  const verdicts: Verdict[] = [];
  for (let at = 1; at < bytes.length; ) {
    const end = at + verdictHeadBytes + bytes.readUInt16LE(at + 2);
    verdicts.push(
      verdictOf(bytes.readUInt8(at), bytes.readUInt8(at + 1), bytes, at + verdictHeadBytes, end),
    );
    at = end;
  }
  const failure = flags & failureBit ? verdicts.shift() : undefined;
  return {
    failure: failure?.kind === 'error' ? { code: failure.code, text: failure.text } : null,
    isCatchingUp: (flags & catchingUpBit) !== 0,
    verdicts,
  };
}

function textOf(verdict: Verdict): string {
  if (verdict.kind === 'error') return verdict.text;
  return verdict.kind === 'redirect' ? verdict.address : '';
}

function numberOf(verdict: Verdict): number {
  if (verdict.kind === 'error') return errorCodes.indexOf(verdict.code);
  if (verdict.kind === 'redirect') return redirectCauses.indexOf(verdict.why);
  return verdict.kind === 'busy' ? verdict.seconds : 0;
}

function verdictOf(
  kind: number,
  number: number,
  bytes: Buffer,
  start: number,
  end: number,
): Verdict {
  switch (kinds[kind]) {
    case 'serve':
      return served;
    case 'sample':
      return sampled;
    case 'redirect':
      return {
        kind: 'redirect',
        address: bytes.toString('utf8', start, end),
        why: redirectCauses[number] as RedirectCause,
      };
    case 'busy':
      return { kind: 'busy', seconds: number };
    case 'error':
      return {
        kind: 'error',
        code: errorCodes[number] as ErrorCode,
        text: bytes.toString('utf8', start, end),
      };
    default:
      throw new RangeError(`verdict ${kind}`);
  }
}
