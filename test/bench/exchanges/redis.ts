// redis's protocol (RESP2): commands as arrays of strings. All answers to a request together have a
// fixed length, since all addresses have.
import { addressLength, addressOf, countingBytes, type Exchange, nodeIdOf } from './exchange.ts';

const listed = 50;

/** As a registry would keep a host: its node id and when it was last seen, under its address. */
function record(host: number): string {
  return command('HSET', addressOf(host), 'id', nodeIdOf(host), 'seen', String(Date.now()));
}

export const redisStore: Exchange = () => ({
  request: record,
  answers: countingBytes(':0\r\n'.length),
});

/** The addresses are in a set besides, of which 50 are taken at random. */
export const redisList: Exchange = () => ({
  request: (host) =>
    record(host) +
    command('SADD', 'hosts', addressOf(host)) +
    command('SRANDMEMBER', 'hosts', String(listed)),
  answers: countingBytes(
    `:0\r\n:0\r\n*${listed}\r\n`.length +
      listed * (`$${addressLength}\r\n\r\n`.length + addressLength),
  ),
});

/** Filling: a list of fewer than 50 has another length. */
export const redisFill: Exchange = () => ({
  request: (host) => record(host) + command('SADD', 'hosts', addressOf(host)),
  answers: countingBytes(':0\r\n:0\r\n'.length),
});

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}
