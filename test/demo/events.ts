// The events of the demo network, as the process that runs it reports them to the program that shows it, and as
// lines of text. In the order of a run: `ready` or `failed`; then events; `finish`, answered by `summary`. When
// the program ends, in whatever way, that process ends everything and removes its folder.
import { printable } from '../../shared/output/printable.ts';
import { counted } from '../../tui/text/format.ts';

export interface ServerPlace {
  /** `ip:port` */
  address: string;
  /** path of its console socket */
  socket: string;
  pid: number;
}

/** An event worth a line. `atMs`: time since the network was ready. */
export type DemoEvent = { atMs: number } & (
  | { kind: 'joined'; node: string; address: string; again: boolean; knows: number }
  | { kind: 'left' | 'crashed'; node: string; address: string }
  | { kind: 'expired'; address: string; by: string }
  /** one node and `more` others at about the same time; `to`: the name servers they were redirected to */
  | { kind: 'redirected'; address: string; more: number; from: string; to: string[] }
  | { kind: 'burst'; server: string; clients: number }
  | { kind: 'down'; server: string }
  | { kind: 'up'; server: string; pid: number }
  | { kind: 'trouble'; text: string }
);

export const countedKinds = [
  'joined',
  'left',
  'crashed',
  'expired',
  'redirected',
  'burst',
  'down',
] as const;
export type Counted = Record<(typeof countedKinds)[number], number>;

export interface Summary {
  counted: Counted;
  /** nodes that run now */
  running: number;
  /** live hosts in the registry of each name server */
  live: { server: string; hosts: number }[];
  /** whether the name servers hold the same hosts */
  isAgreed: boolean;
}

export interface Network {
  folder: string;
  /** of the process that runs the network */
  pid: number;
  seed: number;
  servers: ServerPlace[];
  nodes: { count: number; first: string; last: string };
}

/** Messages from the process that runs the network. */
export type FromNetwork =
  | { type: 'ready'; network: Network }
  | { type: 'failed'; text: string }
  | { type: 'event'; event: DemoEvent }
  | { type: 'summary'; summary: Summary };

/** Messages to it. */
export type ToNetwork = { type: 'finish' };

/** Columns of the longest kind, and of an address of this network. */
const widths = { kind: 10, address: 16 };

export function networkText({ folder, pid, seed, servers, nodes }: Network): string {
  const lines = [
    ...servers.map(({ address, pid }) => `name server ${address}, process ${pid}`),
    `${nodes.count} nodes, ${nodes.first} to ${nodes.last}, seed ${seed}`,
    `all of it is in ${folder}, run by process ${pid}, and gone when this ends`,
  ];
  return `${lines.join('\n')}\n`;
}

/** `  3.2 s joined     127.0.1.7:4000   node-07, knows 12 hosts` */
export function eventLine(event: DemoEvent): string {
  const seconds = `${(event.atMs / 1_000).toFixed(1)} s`.padStart(8);
  const [kind, address, text] = describe(event);
  const line = `${seconds} ${kind.padEnd(widths.kind)} ${address.padEnd(widths.address)} ${text}`;
  return `${line.trimEnd()}\n`;
}

function describe(event: DemoEvent): [kind: string, address: string, text: string] {
  switch (event.kind) {
    case 'joined': {
      const { node, address, again, knows } = event;
      return [again ? 'came back' : 'joined', address, `${node}, knows ${counted(knows, 'host')}`];
    }
    case 'left':
    case 'crashed':
      return [event.kind, event.address, event.node];
    case 'expired':
      return ['expired', event.address, `did not answer ${event.by}`];
    case 'redirected': {
      const { address, more, from, to } = event;
      const others = more === 0 ? '' : `and ${counted(more, 'other')} `;
      return ['redirected', address, `${others}by ${from} to ${to.join(' and ')}`];
    }
    case 'burst':
      return ['burst', event.server, `${event.clients} slow clients fill its backlog`];
    case 'down':
      return ['down', event.server, 'the name server was killed'];
    case 'up':
      return ['up', event.server, `the name server is back, process ${event.pid}`];
    case 'trouble':
      return ['trouble', '', printable(event.text)];
  }
}

export function summaryText(seconds: number, { counted: of, ...summary }: Summary): string {
  const { running, live, isAgreed } = summary;
  const lines = [
    `In ${seconds} s: ${of.joined} joined, ${of.left} left, ${of.crashed} crashed, ${of.expired} expired, ${of.redirected} redirected, ${counted(of.burst, 'burst')}, ${counted(of.down, 'outage')}.`,
    `${counted(running, 'node')} running; live at ${live.map(({ server, hosts }) => `${server}: ${hosts}`).join(', at ')}.`,
    isAgreed
      ? 'All three name servers hold the same hosts.'
      : 'The name servers do NOT hold the same hosts.',
  ];
  return `${lines.join('\n')}\n`;
}
