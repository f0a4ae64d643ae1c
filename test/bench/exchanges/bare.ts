// The bare server: a line like a registration's, an answer of so many bytes.
import { countingBytes, type Exchange, nodeIdOf, portOf } from './exchange.ts';

export function bare(bytes: number): Exchange {
  return () => ({
    request: (host) => `query ${nodeIdOf(host)} ${portOf(host)} limit=50\n`,
    answers: countingBytes(bytes),
  });
}
