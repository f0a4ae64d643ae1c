// Native requests, to bytes, for nodes. What would be refused is never written: a request that
// breaks a rule of the protocol is the caller's mistake and throws a RangeError.
import { type AddressList, addressWords, isPort, maxAddressText, writeAddress } from './address.ts';
import { isCursor } from './cursor.ts';
import { maxHaveAddresses, maxHaveLines, maxHops, maxLineBytes, maxQueryLimit } from './limits.ts';
import type { Request } from './message.ts';
import { isNodeId } from './node-id.ts';

const space = 0x20;
const lineFeed = 0x0a;
const haveWord = Buffer.from('have');

/** Addresses that fit into the `have` lines of one query, whatever their length in text. */
export const maxHaveSent = Math.min(
  maxHaveAddresses,
  maxHaveLines * Math.floor((maxLineBytes - haveWord.length) / (maxAddressText + 1)),
);

/** @throws RangeError for what no server would accept */
export function encodeRequest(request: Request): Uint8Array {
  if (request.verb === 'ping') return Buffer.from('ping\n');
  if (!isNodeId(request.nodeId)) throw new RangeError(`not a node id: ${request.nodeId}`);
  if (!isPort(request.port)) throw new RangeError(`not a port: ${request.port}`);
  const line = `${request.verb} ${request.nodeId} ${request.port}`;
  if (request.verb !== 'query') return Buffer.from(`${line}\n`);
  const { limit, since, hop, have } = request;
  if (limit !== null && !isWithin(limit, 1, maxQueryLimit))
    throw new RangeError(`limit ${limit}: must be 1 to ${maxQueryLimit}`);
  if (since !== null && !isCursor(since)) throw new RangeError(`not a cursor: ${since}`);
  if (!isWithin(hop, 0, maxHops)) throw new RangeError(`hop ${hop}: must be 0 to ${maxHops}`);
  const options = [
    limit === null ? '' : ` limit=${limit}`,
    since === null ? '' : ` since=${since}`,
    hop === 0 ? '' : ` hop=${hop}`,
  ].join('');
  const query = Buffer.from(`${line}${options}\n`);
  return have === null || have.length === 0 ? query : Buffer.concat([encodeHave(have), query]);
}

function encodeHave(have: AddressList): Buffer {
  if (have.length > maxHaveSent)
    throw new RangeError(`${have.length} known hosts: at most ${maxHaveSent} fit into one query`);
  const out = Buffer.allocUnsafe(
    have.length * (maxAddressText + 1) + maxHaveLines * (haveWord.length + 1),
  );
  let end = 0;
  let lineStart = -1;
  for (let index = 0; index < have.length; index++) {
    if (lineStart !== -1 && end - lineStart + 1 + maxAddressText > maxLineBytes) {
      out[end++] = lineFeed;
      lineStart = -1;
    }
    if (lineStart === -1) {
      lineStart = end;
      end += haveWord.copy(out, end);
    }
    out[end++] = space;
    end = writeAddress(have.words, index * addressWords, out, end);
  }
  out[end++] = lineFeed;
  return out.subarray(0, end);
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
