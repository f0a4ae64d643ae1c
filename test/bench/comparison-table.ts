// A comparison as a table: for each server that has the job, what a request cost it.
import type { Compared, Contender, Figures } from './comparison.ts';
import { type Cell, counted, type Table } from './table.ts';

export interface ComparisonTable {
  title: string;
  job: string;
  /** what a contender's CPU is given as a multiple of; null for the one that is the measure */
  yardstick: (contender: Contender) => Contender | null;
  /** what that multiple is called */
  ratio: string;
  /** said of each contender, between its name and its figures */
  columns?: { heads: readonly string[]; of: (contender: Contender) => readonly Cell[] };
  /** processes of each server are shown apart */
  showsProcesses?: boolean;
  notes?: readonly string[];
}

export function comparisonTable(compared: Compared, options: ComparisonTable): Table {
  const { job, columns, showsProcesses = false } = options;
  const figuresOf = (contender: Contender | null) =>
    contender === null ? undefined : compared.get(contender)?.[job];
  const rows: Cell[][] = [];
  for (const contender of compared.keys()) {
    const figures = figuresOf(contender);
    if (figures === undefined) continue;
    const measure = figuresOf(options.yardstick(contender));
    rows.push([
      contender.name,
      ...(columns?.of(contender) ?? []),
      figures.cpuUs.toFixed(1),
      measure === undefined ? '1' : (figures.cpuUs / measure.cpuUs).toFixed(2),
      ...cells(figures),
      ...(showsProcesses ? [figures.shares.map((share) => percent(share)).join(', ')] : []),
    ]);
  }
  return {
    title: options.title,
    heads: [
      'server',
      ...(columns?.heads ?? []),
      'server CPU, µs a request',
      options.ratio,
      'requests a second',
      'p50 µs',
      'p99 µs',
      'bytes an answer',
      'load CPU, µs a request',
      'load, of a core',
      'others, of a core',
      ...(showsProcesses ? ['CPU of each process'] : []),
    ],
    rows,
    notes: options.notes ?? [],
  };
}

function cells({ perSecond, p50, p99, bytes, loadCpuUs, loadShare, otherShare }: Figures): Cell[] {
  return [
    counted(perSecond),
    counted(p50),
    counted(p99),
    counted(bytes),
    loadCpuUs.toFixed(1),
    percent(loadShare),
    percent(otherShare),
  ];
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
