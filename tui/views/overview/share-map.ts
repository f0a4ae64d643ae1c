// Who pings which share of the live hosts: one bar from edge to edge with a segment for each name
// server, its name and share in it. Where the names do not fit, the segments are numbered and the
// names follow below. It says the same without colour.
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { parseAddress } from '../../../shared/protocol/address.ts';
import { columnsOf, cut } from '../../text/columns.ts';
import { count, counted } from '../../text/format.ts';
import { type NamedShare, namedShares, percent } from '../../text/shares.ts';
import { type Theme, unpainted } from '../../theme.ts';

/** Rows of names below a numbered bar. */
const maxLegendRows = 2;
/** A dash and a space before a name, a space and a dash behind it. */
const aroundName = 4;

export function shareLines(theme: Theme, status: Status, width: number): string[] {
  const shares = namedShares(status);
  const { live } = status.hosts;
  if (live === 0) return [theme.paint('label', 'no live hosts to ping')];
  if (shares.length < 2) return [aloneText(status, width)];
  const isCounted = status.shares.complete && shares.some(({ hosts }) => hosts > 0);
  if (!isCounted)
    return [cut(`split among ${count(shares.length)} name servers; counting …`, width)];
  return mapLines(theme, shares, width);
}

function aloneText({ hosts, peers }: Status, width: number): string {
  const text = `this server pings all ${counted(hosts.live, 'live host')}`;
  const long = peers.length === 0 ? text : `${text} until a peer settles`;
  return columnsOf(long) <= width ? long : cut(text, width);
}

function mapLines(theme: Theme, shares: readonly NamedShare[], width: number): string[] {
  const room = widthsOf(shares, width - shares.length - 1);
  const short = withoutPorts(shares);
  const labels = [
    shares.map(({ name, hosts, part }) => [name, `${count(hosts)} hosts, ${percent(part)}`]),
    shares.map(({ name, part }) => [name, percent(part)]),
    shares.map(({ part }, index) => [short[index], percent(part)]),
  ].map((each) => each.map(([name, share]) => `${name} ${theme.paint('strong', share ?? '')}`));
  const fitting = labels.find((each) =>
    each.every((label, index) => columnsOf(unpainted(label)) + aroundName <= (room[index] ?? 0)),
  );
  if (fitting) return [bar(theme, fitting, room)];
  const numbers = shares.map((_, index) => theme.paint('strong', String(index + 1)));
  const legend = shares.map(
    ({ part }, index) => `${numbers[index]} ${short[index]} ${percent(part)}`,
  );
  return [bar(theme, numbers, room), ...legendLines(legend, width)];
}

/** `├─ label ──┼─ label ──┤`; a segment that has no room for its label has none. */
function bar(theme: Theme, labels: readonly string[], room: readonly number[]): string {
  const segments = labels.map((label, index) => {
    const columns = room[index] ?? 0;
    const edge = index === 0 ? '├' : '┼';
    const rest = columns - columnsOf(unpainted(label)) - aroundName + 1;
    if (rest < 1) return theme.paint('rule', edge + '─'.repeat(columns));
    return `${theme.paint('rule', `${edge}─`)} ${label} ${theme.paint('rule', '─'.repeat(rest))}`;
  });
  return `${segments.join('')}${theme.paint('rule', '┤')}`;
}

/** `columns` shared out by largest remainder. */
function widthsOf(shares: readonly NamedShare[], columns: number): number[] {
  const exact = shares.map(({ part }) => part * columns);
  const widths = exact.map(Math.floor);
  const left = columns - widths.reduce((sum, each) => sum + each, 0);
  const byRemainder = exact
    .map((each, index) => ({ index, remainder: each % 1 }))
    .toSorted((a, b) => b.remainder - a.remainder);
  for (const { index } of byRemainder.slice(0, left)) widths[index] = (widths[index] ?? 0) + 1;
  return widths;
}

/** Names without their ports, unless two would be the same then. */
function withoutPorts(shares: readonly NamedShare[]): string[] {
  const names = shares.map(({ name }) => name);
  const short = names.map((name) =>
    parseAddress(name) === null ? name : name.replace(/:\d+$/, ''),
  );
  return new Set(short).size === short.length ? short : names;
}

/** As many entries as fit; how many more there are is said at the end. */
function legendLines(entries: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const [index, entry] of entries.entries()) {
    const longer = line === '' ? entry : `${line}  ${entry}`;
    const isLastRow = lines.length === maxLegendRows - 1;
    const more = `  and ${entries.length - index} more`;
    const reserved = isLastRow && index < entries.length - 1 ? columnsOf(more) : 0;
    if (columnsOf(unpainted(longer)) + reserved <= width) {
      line = longer;
    } else if (isLastRow) {
      return [...lines, line + more];
    } else {
      lines.push(line);
      line = entry;
    }
  }
  return [...lines, line];
}
