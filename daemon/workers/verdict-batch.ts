// Verdicts on their way to a worker, in the order of its requests, with what holds for all of them:
// whether anything could be stored, and whether others know hosts that the roster does not have yet.
import { type ErrorCode, errorCodes, type Refusal } from '../../shared/protocol/message.ts';
import { served, type Verdict } from '../core/query/verdict.ts';

export interface Verdicts {
  /** why nothing is on the disk; null: all of it is */
  failure: Refusal | null;
  isCatchingUp: boolean;
  verdicts: Verdict[];
}

const kinds = ['serve', 'sample', 'redirect', 'busy', 'error'] as const;

/** Kind, a number, length of the text. */
const headBytes = 1 + 1 + 2;

const catchingUpBit = 1;
const failureBit = 2;

const sampleVerdict: Verdict = { kind: 'sample' };

export function encodeVerdicts({ failure, isCatchingUp, verdicts }: Verdicts): Buffer {
  const all: Verdict[] = failure === null ? verdicts : [{ kind: 'error', ...failure }, ...verdicts];
  const texts = all.map(textOf);
  const length = texts.reduce((sum, text) => sum + headBytes + Buffer.byteLength(text), 1);
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

export function decodeVerdicts(bytes: Buffer): Verdicts {
  const flags = bytes.readUInt8(0);
  const verdicts: Verdict[] = [];
  for (let at = 1; at < bytes.length; ) {
    const end = at + headBytes + bytes.readUInt16LE(at + 2);
    verdicts.push(
      verdictOf(bytes.readUInt8(at), bytes.readUInt8(at + 1), bytes, at + headBytes, end),
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
      return sampleVerdict;
    case 'redirect':
      return { kind: 'redirect', address: bytes.toString('utf8', start, end) };
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
