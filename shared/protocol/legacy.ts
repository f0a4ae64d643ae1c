// The legacy dialect of the first Dynamo nodes (PROTOCOL.md, "Legacy dialect"): one message
// `TYPE/SOURCE/BODY/` per connection, complete with its third slash, a reply that such a node can parse,
// or none, and then the connection closes. The decoder reads one field at a time into a buffer as long as
// the longest field, so a message of any length costs its addresses and 64 bytes.
import {
  AddressList,
  addressWords,
  formatIp,
  isIpv4,
  maxAddressText,
  parseAddress,
} from './address.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { maxHaveAddresses, maxNodeIdLength } from './limits.ts';
import type { Decoder, Dialect, Refusal, Reply, RequestSink } from './message.ts';
import { isNodeId, nodeIdRule, quoteBytes, readDecimal } from './tokens.ts';

/** The legacy dialect. */
export const legacy: Dialect = {
  name: 'legacy',
  keepsOpen: false,
  createDecoder: (sink) => new LegacyDecoder(sink),
  encodeReply: encodeLegacyReply,
};

const slash = 0x2f;
const semicolon = 0x3b;

type Field = 'type' | 'source' | 'port' | 'host' | 'none';

const types = '1 (SYNC-ME) or 3 (IM-ALIVE), followed by /';

/** Bytes of the longest value of each field. */
const maxFieldBytes: Record<Field, number> = {
  type: 1,
  source: maxNodeIdLength,
  port: 5,
  host: maxAddressText,
  none: 0,
};

/** Decodes one message. Each field is checked when it ends, or as soon as it is too long. */
export class LegacyDecoder implements Decoder {
  get pending(): boolean {
    return this.field !== 'none' && (this.field !== 'type' || this.length > 0);
  }

  private readonly sink: RequestSink;
  /** the field being read; `none` behind the message, where everything is ignored */
  private field: Field = 'type';
  private readonly held = Buffer.alloc(maxNodeIdLength);
  private length = 0;
  private type = '';
  private nodeId = '';
  private port = 0;
  private have: AddressList | null = null;

  constructor(sink: RequestSink) {
    this.sink = sink;
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && this.field !== 'none'; at++) {
      const refusal = this.pushByte(chunk[at] as number);
      if (refusal === null) continue;
      this.stop();
      this.sink.refuse(refusal);
    }
  }

  private pushByte(byte: number): Refusal | null {
    const inBody = this.field === 'port' || this.field === 'host';
    if (byte === slash || (byte === semicolon && inBody)) return this.endField(byte);
    if (this.length === maxFieldBytes[this.field]) return this.badField('…');
    this.held[this.length++] = byte;
    return null;
  }

  private endField(delimiter: number): Refusal | null {
    switch (this.field) {
      case 'type':
        this.type = this.text();
        if (this.type !== '1' && this.type !== '3') return this.badField();
        return this.begin('source');
      case 'source':
        this.nodeId = this.text();
        if (!isNodeId(this.nodeId)) return this.badField();
        return this.begin('port');
      case 'port':
        this.port = readDecimal(this.held, 0, this.length, 65535);
        if (this.port < 1) return this.badField();
        return delimiter === slash ? this.complete() : this.begin('host');
      case 'host':
        return this.endHost(delimiter);
      case 'none':
        return null;
    }
  }

  private endHost(delimiter: number): Refusal | null {
    if (this.type !== '1')
      return { code: 'malformed', text: 'known hosts are not allowed in a message of type 3' };
    // The list may end with a semicolon, like the lists in replies.
    if (this.length > 0 || delimiter !== slash) {
      this.have ??= new AddressList();
      if (this.have.length === maxHaveAddresses)
        return {
          code: 'too-many',
          text: `more than ${maxHaveAddresses} known hosts in one message`,
        };
      if (!this.have.pushText(this.held, 0, this.length)) return this.badField();
    }
    return delimiter === slash ? this.complete() : this.begin('host');
  }

  private begin(field: Field): null {
    this.field = field;
    this.length = 0;
    return null;
  }

  private complete(): null {
    const { type, nodeId, port, have } = this;
    this.stop();
    this.sink.request(
      type === '3'
        ? { verb: 'alive', nodeId, port }
        : { verb: 'query', nodeId, port, limit: null, since: null, hop: 0, have, ipv4Only: true },
    );
    return null;
  }

  private stop(): void {
    this.begin('none');
    this.have = null;
  }

  private text(): string {
    return this.held.toString('latin1', 0, this.length);
  }

  private badField(more = ''): Refusal {
    const value = quoteBytes(this.held, 0, this.length) + more;
    switch (this.field) {
      case 'source':
        return { code: 'bad-node-id', text: `SOURCE ${value}: must be ${nodeIdRule}` };
      case 'port':
        return { code: 'bad-port', text: `port ${value}: must be 1 to 65535` };
      case 'host':
        return { code: 'bad-address', text: `known host ${value}: must be ip:port` };
      default:
        return { code: 'malformed', text: `message type ${value}: must be ${types}` };
    }
  }
}

/** SOURCE of a message from a name server; legacy nodes skip it. */
const source = 'ddnsd';

/**
 * Encodes a reply: `ip:port;ip:port;`, `root`, or `4/<server>/<ip>,<port>/`. IPv6 is left out. `ok`, `busy`
 * and `error` have no form here and give no bytes: the connection just closes.
 */
export function encodeLegacyReply(reply: Reply, writer: ChunkWriter): Iterator<Uint8Array> {
  switch (reply.kind) {
    case 'hosts':
      return encodeHosts(reply, writer);
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

function* encodeHosts(
  reply: Extract<Reply, { kind: 'hosts' }>,
  writer: ChunkWriter,
): Generator<Uint8Array, void> {
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
  // A delta without a host means that the asker knows all hosts, not that there are none.
  if (isEmpty && reply.extent !== 'delta') writer.text('root');
}
