// Finds text in IPv4 addresses with their ports that are kept as numbers, without writing them out. An address
// is five fields with a dot or a colon between them: which values a field may have so that its part of the
// text is there is found out once, and kept in a table.

/** Whether an address at `words[at]`, one of IPv4 as address.ts keeps it, has the text of a search. */
export type Ipv4Search = (words: Uint32Array, at: number) => boolean;

/** Four octets and the port. */
const fields = 5;
const octets = 256;
const ports = 65_536;

/** Of a value that was looked at before: whether it has its part of the text. */
const has = 1;
const lacks = 2;

type Part = (field: string) => boolean;

/** The search for `text`; null when it cannot be a part of any such address. */
export function createIpv4Search(text: string): Ipv4Search | null {
  if (!/^[0-9.:]+$/.test(text)) return null;
  const separators = text.match(/[.:]/g) ?? [];
  const starts = startsOf(separators);
  const parts = text.split(/[.:]/).map(partOf);
  const inOctet = parts.map((part) => createTable(octets, part));
  const last = parts.length - 1;
  // The port is the last field, and so only the last part of the text can be in it.
  const inPort = createTable(ports, parts[last] as Part);
  return (words, at) => {
    const ip = words[at + 3] as number;
    const port = words[at + 4] as number;
    for (const start of starts) {
      let index = 0;
      for (; index <= last; index++) {
        const field = start + index;
        const isFound =
          field === fields - 1
            ? inPort(port)
            : (inOctet[index] as Table)((ip >>> (24 - 8 * field)) & 255);
        if (!isFound) break;
      }
      if (index > last) return true;
    }
    return false;
  };
}

/** Fields in which the first part can be, so that each separator stands where an address has it. */
function startsOf(separators: readonly string[]): number[] {
  const starts = Array.from({ length: fields }, (_, start) => start);
  return starts.filter(
    (start) =>
      start + separators.length < fields &&
      separators.every((separator, i) => separator === (start + i === fields - 2 ? ':' : '.')),
  );
}

/** What a field must be to have the part: it may begin before the first one, and go on behind the last. */
function partOf(text: string, index: number, { length }: readonly string[]): Part {
  const isFirst = index === 0;
  const isLast = index === length - 1;
  if (isFirst && isLast) return (field) => field.includes(text);
  if (isFirst) return (field) => field.endsWith(text);
  return isLast ? (field) => field.startsWith(text) : (field) => field === text;
}

type Table = (value: number) => boolean;

/** Looks at each value as text once. */
function createTable(values: number, part: Part): Table {
  const known = new Uint8Array(values);
  return (value) => {
    if (known[value] === 0) known[value] = part(String(value)) ? has : lacks;
    return known[value] === has;
  };
}
