// Who pings which share of the live hosts: one bar from edge to edge with a segment for each name
// server, its name and share in it. Where the names do not fit, the segments are numbered and the
// names follow below. It says the same without colour.
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { parseAddress } from '../../../shared/protocol/address.ts';
import { columnsOf, cut } from '../../text/columns.ts';
import { count, counted } from '../../text/format.ts';
import { type NamedShare, namedShares, percent } from '../../text/shares.ts';
import type { TextPart } from '../../theme.ts';

/** Rows of names below a numbered bar. */
const maxLegendRows = 2;
/** A dash and a space before a name, a space and a dash behind it. */
const aroundName = 4;

export function shareLines(status: Status, width: number): TextPart[][] {
  const shares = namedShares(status);
  const { live } = status.hosts;
  if (live === 0) return [[['no live hosts to ping', 'label']]];
  if (shares.length < 2) return [[[aloneText(status, width), null]]];
  const isCounted = status.shares.complete && shares.some(({ hosts }) => hosts > 0);
  if (isCounted) return mapLines(shares, width);
  const text = `split among ${count(shares.length)} name servers; counting …`;
  return [[[cut(text, width), null]]];
}

function aloneText({ hosts, peers }: Status, width: number): string {
  const text = `this server pings all ${counted(hosts.live, 'live host')}`;
  const long = peers.length === 0 ? text : `${text} until a peer settles`;
  return columnsOf(long) <= width ? long : cut(text, width);
}

/** A name server in the map: its name, and in bold its share. */
type Label = readonly [name: string, share: string];

const columnsOfLabel = ([name, share]: Label) => columnsOf(name + share);

function mapLines(shares: readonly NamedShare[], width: number): TextPart[][] {
  const room = widthsOf(shares, width - shares.length - 1);
  const short = withoutPorts(shares);
  const labels = [
    shares.map(
      ({ name, hosts, part }): Label => [`${name} `, `${count(hosts)} hosts, ${percent(part)}`],
    ),
    shares.map(({ name, part }): Label => [`${name} `, percent(part)]),
    shares.map(({ part }, index): Label => [`${short[index]} `, percent(part)]),
  ];
  const fitting = labels.find((each) =>
    each.every((label, index) => columnsOfLabel(label) + aroundName <= (room[index] ?? 0)),
  );
  if (fitting) return [bar(fitting, room)];
  const numbers = shares.map((_, index): Label => ['', String(index + 1)]);
  const legend = shares.map(
    ({ part }, index): Label => [String(index + 1), ` ${short[index]} ${percent(part)}`],
  );
  return [bar(numbers, room), ...legendLines(legend, width)];
}

/** `├─ label ──┼─ label ──┤`; a segment that has no room for its label has none. */
function bar(labels: readonly Label[], room: readonly number[]): TextPart[] {
  const segments = labels.flatMap((label, index): TextPart[] => {
    const columns = room[index] ?? 0;
    const edge = index === 0 ? '├' : '┼';
    const rest = columns - columnsOfLabel(label) - aroundName + 1;
    if (rest < 1) return [[edge + '─'.repeat(columns), 'rule']];
    const [name, share] = label;
    return [
      [`${edge}─ `, 'rule'],
      [name, null],
      [share, 'strong'],
      [` ${'─'.repeat(rest)}`, 'rule'],
    ];
  });
  return [...segments, ['┤', 'rule']];
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

/** As many entries as fit, their numbers in bold; how many more there are is said at the end. */
function legendLines(entries: readonly Label[], width: number): TextPart[][] {
  const lines: TextPart[][] = [];
  let line: TextPart[] = [];
  let used = 0;
  for (const [index, entry] of entries.entries()) {
    const gap = line.length === 0 ? '' : '  ';
    const isLastRow = lines.length === maxLegendRows - 1;
    const more = `  and ${entries.length - index} more`;
    const reserved = isLastRow && index < entries.length - 1 ? columnsOf(more) : 0;
    const columns = gap.length + columnsOfLabel(entry);
    if (used + columns + reserved > width && isLastRow) return [...lines, [...line, [more, null]]];
    const isNewLine = used + columns + reserved > width;
    if (isNewLine) lines.push(line);
    const [number, text] = entry;
    const parts: TextPart[] = [
      [isNewLine ? '' : gap, null],
      [number, 'strong'],
      [text, null],
    ];
    line = isNewLine ? parts : [...line, ...parts];
    used = isNewLine ? columns - gap.length : used + columns;
  }
  return [...lines, line];
}
