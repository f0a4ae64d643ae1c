// One request on a connection of its own, read to its end by this process, whatever its length.
import { once } from 'node:events';
import { connect } from 'node:net';

export interface Fetched {
  bytes: number;
  seconds: number;
  /** the last bytes of the answer: where a list says how long it is */
  last: string;
  /** the whole of it, when it was asked for */
  text: string;
}

/** More than the longest last line of a list. */
const lastBytes = 128;

/** Sends `request`, ends this side, and reads until the server ends the other. */
export async function fetchAll(port: number, request: string, keepsText = false): Promise<Fetched> {
  const startedAt = performance.now();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  const kept: Buffer[] = [];
  let bytes = 0;
  let last: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    if (keepsText) kept.push(chunk);
    last =
      chunk.length >= lastBytes
        ? chunk.subarray(-lastBytes)
        : Buffer.concat([last, chunk]).subarray(-lastBytes);
  });
  socket.end(request);
  await once(socket, 'end');
  const seconds = (performance.now() - startedAt) / 1_000;
  socket.destroy();
  return { bytes, seconds, last: last.toString(), text: Buffer.concat(kept).toString() };
}

/** The words of a list's last line: how many hosts, the cursor, `full` or the like. */
export function endOf({ last }: Fetched): { count: number; cursor: string; extent: string } {
  const [, count = '', cursor = '', extent = ''] = /end (\d+) (\S+) ?(\w*)\n$/.exec(last) ?? [];
  if (count === '') throw new Error(`the list ended with ${JSON.stringify(last)}`);
  return { count: Number(count), cursor, extent };
}
