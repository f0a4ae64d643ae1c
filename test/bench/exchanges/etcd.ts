// etcd's Put as gRPC, which is frames of HTTP/2 (RFC 9113, RFC 7541): written here by hand, because a
// client library would cost more than the server. A request is a HEADERS and a DATA frame on a stream of
// its own; it is answered when that stream had data and has ended.
import { addressOf, type Exchange, nodeIdOf } from './exchange.ts';

const frameTypes = { data: 0, headers: 1, settings: 4, windowUpdate: 8 };
const endStream = 0x1;
const endHeaders = 0x4;
const frameHeaderBytes = 9;

/** No answer ever waits for room in the connection's window. */
const windowBytes = 2 ** 30;

const opening = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame(frameTypes.settings, 0, 0, Buffer.alloc(0)),
  frame(frameTypes.windowUpdate, 0, 0, Buffer.from([windowBytes >>> 24, 0, 0, 0])),
]);

/** Names by their number in RFC 7541's static table: nothing is compressed, nothing is remembered. */
const headers = Buffer.concat([
  Buffer.from([0x83, 0x86, 0x04]),
  text('/etcdserverpb.KV/Put'),
  Buffer.from([0x01]),
  text('127.0.0.1'),
  Buffer.from([0x0f, 0x10]),
  text('application/grpc'),
  Buffer.from([0x00]),
  text('te'),
  text('trailers'),
]);

export const etcdPut: Exchange = () => {
  // Clients number their streams 1, 3, 5 and so on.
  let stream = -1;
  return {
    opening,
    request: (host) => {
      stream += 2;
      return Buffer.concat([
        frame(frameTypes.headers, endHeaders, stream, headers),
        frame(frameTypes.data, endStream, stream, putMessage(addressOf(host), nodeIdOf(host))),
      ]);
    },
    answers: countingStreams(),
  };
};

/** Field 1 is the key, field 2 the value; before it an uncompressed message's flag and length. */
function putMessage(key: string, value: string): Buffer {
  const put = Buffer.concat([Buffer.from([0x0a]), text(key), Buffer.from([0x12]), text(value)]);
  return Buffer.concat([Buffer.from([0, 0, 0, 0, put.length]), put]);
}

/** A string of less than 127 bytes after its length. */
function text(value: string): Buffer {
  return Buffer.from([value.length, ...Buffer.from(value)]);
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(frameHeaderBytes);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

function countingStreams(): (chunk: Buffer) => number {
  let pending: Buffer = Buffer.alloc(0);
  const withData = new Set<number>();
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let complete = 0;
    while (pending.length >= frameHeaderBytes) {
      const total = frameHeaderBytes + pending.readUIntBE(0, 3);
      if (pending.length < total) break;
      const [type, flags = 0] = pending.subarray(3, 5);
      const stream = pending.readUInt32BE(5);
      if (type === frameTypes.data) withData.add(stream);
      if (type === frameTypes.headers && flags & endStream && withData.delete(stream)) complete++;
      pending = pending.subarray(total);
    }
    return complete;
  };
}
