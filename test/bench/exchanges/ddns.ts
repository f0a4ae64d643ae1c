// A name server's own dialect (PROTOCOL.md): `query` with options, whose list ends with an `end` line,
// `alive`, which is answered `ok`, and
// `ping`, which changes nothing.
import { countingMarks, type Exchange, nodeIdOf, portOf } from './exchange.ts';

const endOfList = Buffer.from('\nend ');
const lineFeed = 0x0a;

/** A registration: `options` as they stand in the request, `limit=50` for instance. */
export function query(options: string): Exchange {
  const rest = options === '' ? '' : ` ${options}`;
  return () => ({
    request: (host) => `query ${nodeIdOf(host)} ${portOf(host)}${rest}\n`,
    answers: countingLists(),
  });
}

export const alive: Exchange = () => ({
  request: (host) => `alive ${nodeIdOf(host)} ${portOf(host)}\n`,
  answers: countingMarks('ok\n'),
});

export const ping: Exchange = () => ({
  request: () => 'ping\n',
  answers: countingMarks('\n'),
});

function countingLists(): (chunk: Buffer) => number {
  // An empty list begins with its `end`.
  let tail: Buffer = Buffer.from('\n');
  return (chunk) => {
    const seen = Buffer.concat([tail, chunk]);
    let complete = 0;
    let from = 0;
    for (let at = seen.indexOf(endOfList); at !== -1; at = seen.indexOf(endOfList, from)) {
      const end = seen.indexOf(lineFeed, at + 1);
      if (end === -1) {
        tail = seen.subarray(at);
        return complete;
      }
      complete++;
      from = end;
    }
    tail = seen.subarray(Math.max(from, seen.length - endOfList.length));
    return complete;
  };
}
