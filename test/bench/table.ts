// A table in Markdown, on standard output and in RESULTS.md alike.

export type Cell = string | number;

export interface Table {
  title: string;
  heads: readonly string[];
  rows: readonly (readonly Cell[])[];
  /** what one has to know to read it: a sentence each */
  notes?: readonly string[];
}

export function markdownOf({ title, heads, rows, notes = [] }: Table): string {
  const lines = [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  return [`### ${title}`, '', ...lines, ...notes.flatMap((note) => ['', note]), ''].join('\n');
}

/** Hosts, requests and bytes: `1,000,000`. */
export function counted(number: number): string {
  return Math.round(number).toLocaleString('en');
}
