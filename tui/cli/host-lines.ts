// Lines of a file of hosts: one JSON object each, as `ddns-tui hosts --json` prints them and `hosts export` writes
// them. Members that are not needed are ignored, so that lines of a newer version can be read. Pure.
import type { HostToImport } from '../../shared/ipc/import-contract.ts';
import { formatAddress, parseAddress } from '../../shared/protocol/address.ts';
import { hostDialects } from '../../shared/protocol/sync-message.ts';
import { isNodeId, nodeIdRule } from '../../shared/protocol/tokens.ts';
import { safe } from '../text/columns.ts';

/** Characters of a line: several times what the longest address and id take. */
export const maxLineLength = 4_096;

/** How far the clock that wrote a line may be ahead of this one, in ms: as far as a name server's. */
const maxAheadMs = 60_000;

/** Characters shown of a wrong value. */
const maxShown = 72;

const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** A host, or what is wrong with the line. `now` in ms since the Unix epoch. */
export function parseHostLine(
  text: string,
  now: number,
): { host: HostToImport } | { problem: string } {
  if (text.length > maxLineLength)
    return { problem: `the line has more than ${maxLineLength} characters` };
  let values: Record<string, unknown>;
  try {
    values = JSON.parse(text);
  } catch {
    return { problem: `${quoted(text)} is no JSON object` };
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    return { problem: `${quoted(text)} is no JSON object` };
  const { address, nodeId, lastSeen, firstSeen = lastSeen, dialect = 'native' } = values;
  const words = typeof address === 'string' ? parseAddress(address) : null;
  if (words === null) return wrong('address', address, 'ip:port, IPv6 in brackets');
  if (typeof nodeId !== 'string' || !isNodeId(nodeId)) return wrong('nodeId', nodeId, nodeIdRule);
  const known = hostDialects.find((each) => each === dialect);
  if (known === undefined) return wrong('dialect', dialect, `one of ${hostDialects.join(', ')}`);
  const [first, last] = [timeOf(firstSeen), timeOf(lastSeen)];
  const time = 'a time such as 2026-05-01T12:00:00.000Z';
  if (last === null) return wrong('lastSeen', lastSeen, time);
  if (last > now + maxAheadMs)
    return wrong('lastSeen', lastSeen, `at most ${new Date(now).toISOString()}, which is now`);
  if (first === null) return wrong('firstSeen', firstSeen, time);
  if (first > last) return wrong('firstSeen', firstSeen, `at most lastSeen, ${lastSeen}`);
  const host = { address: formatAddress(words, 0), nodeId, dialect: known };
  return { host: { ...host, firstSeen: first, lastSeen: last } };
}

function timeOf(value: unknown): number | null {
  const at = typeof value === 'string' && timePattern.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) || at < 0 ? null : at;
}

function wrong(name: string, value: unknown, rule: string): { problem: string } {
  const shown = value === undefined ? 'is missing' : `${quoted(JSON.stringify(value))} is wrong`;
  return { problem: `${name} ${shown}: it must be ${rule}` };
}

function quoted(text: string): string {
  return safe(text, maxShown);
}

/** A line of a text, numbered from 1, without its end. */
interface NumberedLine {
  number: number;
  /** of a line longer than `maxLineLength`, one character more than that */
  text: string;
}

/** The lines of a text that comes in pieces, except blank ones; no line takes more memory than the longest may. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<NumberedLine> {
  let number = 1;
  let begun = '';
  for await (const piece of pieces) {
    const [first = '', ...more] = piece.split('\n');
    begun = (begun + first).slice(0, maxLineLength + 1);
    for (const next of more) {
      if (begun.trim() !== '') yield { number, text: begun };
      number++;
      begun = next.slice(0, maxLineLength + 1);
    }
  }
  if (begun.trim() !== '') yield { number, text: begun };
}
