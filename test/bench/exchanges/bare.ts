// The bare server: a line like a registration's, an answer of so many bytes.
import { countingBytes, type Exchange, nodeIdOf } from './exchange.ts';

export function bare(bytes: number): Exchange {
  return () => ({
    request: (host) => `query ${nodeIdOf(host)} ${1 + (host % 60_000)} limit=50\n`,
    answers: countingBytes(bytes),
  });
}
