// The demo network as lines of text: what it is, what happens in it, and what it came to.
import { printable } from '../../shared/output/printable.ts';
import { counted } from '../../tui/text/format.ts';
import type { Happening, Network, Summary } from './happening.ts';

/** Of the longest kind, and of an address of these networks. */
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
export function happeningLine(happening: Happening): string {
  const seconds = `${(happening.atMs / 1_000).toFixed(1)} s`.padStart(8);
  const [kind, address, text] = told(happening);
  const line = `${seconds} ${kind.padEnd(widths.kind)} ${address.padEnd(widths.address)} ${text}`;
  return `${line.trimEnd()}\n`;
}

function told(happening: Happening): [kind: string, address: string, text: string] {
  switch (happening.kind) {
    case 'joined': {
      const { node, address, again, knows } = happening;
      return [again ? 'came back' : 'joined', address, `${node}, knows ${counted(knows, 'host')}`];
    }
    case 'left':
    case 'crashed':
      return [happening.kind, happening.address, happening.node];
    case 'expired':
      return ['expired', happening.address, `did not answer ${happening.by}`];
    case 'redirected': {
      const { address, more, from, to } = happening;
      const others = more === 0 ? '' : `and ${counted(more, 'other')} `;
      return ['redirected', address, `${others}by ${from} to ${to.join(' and ')}`];
    }
    case 'burst':
      return ['burst', happening.server, `${happening.clients} slow clients fill its backlog`];
    case 'down':
      return ['down', happening.server, 'the name server was killed'];
    case 'up':
      return ['up', happening.server, `the name server is back, process ${happening.pid}`];
    case 'trouble':
      return ['trouble', '', printable(happening.text)];
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
