// Legacy replies, to bytes: `ip:port;ip:port;`, the word `root` for a node that is alone, or
// `4/<server>/<ip>,<port>/`. IPv6 is left out, because those nodes cannot parse it. What they have
// no word for (ok, busy, error) is no bytes at all: the connection just closes.
import { addressWords, formatIp, isIpv4, parseAddress } from './address.ts';
import { ChunkWriter } from './chunk-writer.ts';
import type { Reply } from './message.ts';

const semicolon = 0x3b;

/** SOURCE of a message from a name server; old nodes read past it. */
const source = 'ddnsd';

export function encodeLegacyReply(reply: Reply): Iterator<Uint8Array> {
  switch (reply.kind) {
    case 'hosts':
      return encodeHosts(reply);
    case 'redirect':
      return encodeRedirect(reply.address).values();
    default:
      return ([] as Uint8Array[]).values();
  }
}

function encodeRedirect(address: string): Uint8Array[] {
  const words = parseAddress(address);
  if (words === null || !isIpv4(words, 0)) return [];
  return [Buffer.from(`4/${source}/${formatIp(words, 0)},${words[4]}/`)];
}

function* encodeHosts(reply: Extract<Reply, { kind: 'hosts' }>): Generator<Uint8Array, void> {
  const writer = new ChunkWriter();
  let isEmpty = true;
  for (let next = reply.hosts.next(); !next.done; next = reply.hosts.next()) {
    const { words, length } = next.value;
    for (let index = 0; index < length; index++) {
      const at = index * addressWords;
      if (!isIpv4(words, at)) continue;
      if (!writer.fitsAddress(1)) yield writer.take();
      writer.address(words, at);
      writer.byte(semicolon);
      isEmpty = false;
    }
  }
  // A delta without a host means that the asker knows them all, not that it is alone.
  if (isEmpty && reply.extent !== 'delta') writer.text('root');
  if (writer.length > 0) yield writer.take();
}
