// A tracker's announce over HTTP (BEP 3, BEP 23): the peer is known by its port, and the answer has up
// to 50 others in six bytes each.
import type { Exchange } from './exchange.ts';

const headersEnd = Buffer.from('\r\n\r\n');

/** 20 bytes, none of which a URL would escape. */
export const infoHash = 'ddnsbenchddnsbenchdd';

/** `connection`: whether the client means to ask again. */
export function announce(connection: 'keep-alive' | 'close'): Exchange {
  return () => ({
    request: (host) => {
      const peerId = `-DB0100-${String(host).padStart(12, '0')}`;
      const query = `info_hash=${infoHash}&peer_id=${peerId}&port=${1_024 + (host % 60_000)}`;
      return (
        `GET /announce?${query}&uploaded=0&downloaded=0&left=1&compact=1&numwant=50 HTTP/1.1\r\n` +
        `Host: 127.0.0.1\r\nConnection: ${connection}\r\n\r\n`
      );
    },
    answers: countingResponses(),
  });
}

/** Responses that say their length and are a success. */
function countingResponses(): (chunk: Buffer) => number {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let complete = 0;
    for (;;) {
      const end = pending.indexOf(headersEnd);
      if (end === -1) return complete;
      const headers = pending.toString('latin1', 0, end);
      const length = Number(/content-length: *(\d+)/i.exec(headers)?.[1]);
      const total = end + headersEnd.length + length;
      if (!(pending.length >= total)) return complete;
      const isFailure = pending.indexOf('failure reason') !== -1;
      if (/^HTTP\/1\.[01] 200/.test(headers) && !isFailure) complete++;
      pending = pending.subarray(total);
    }
  };
}
