// `ddns-tui status` of several name servers: one after the other as JSON, or a line for each.
import { connectIpc, UnreachableError } from '../../../shared/ipc/client.ts';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { exitCodes } from '../../../shared/program.ts';
import { version } from '../../../shared/version.ts';
import type { NamedSocket } from '../../daemon/socket-path.ts';
import { alarmsOf } from '../../text/alarms.ts';
import { safe } from '../../text/columns.ts';
import { count } from '../../text/format.ts';
import { aliveText } from '../../text/peers.ts';
import { plainTable } from '../../text/plain-table.ts';
import { isRedirectingAll } from '../../text/redirecting.ts';
import { jsonText, type Output } from './output.ts';
import { statusObject } from './status.ts';

interface Asked {
  name: string;
  status: Status | null;
  reason: string;
}

/** @returns the exit code: `unreachable` if one of them is */
export async function printFleet(
  sockets: readonly NamedSocket[],
  isJson: boolean,
  output: Output,
): Promise<number> {
  const asked = await Promise.all(sockets.map(ask));
  await output.write(isJson ? asked.map(jsonLine).join('') : fleetTable(asked));
  return asked.every(({ status }) => status !== null) ? exitCodes.ok : exitCodes.unreachable;
}

async function ask({ name, path }: NamedSocket): Promise<Asked> {
  try {
    const client = await connectIpc(path, { name: 'ddns-tui', version });
    try {
      return { name: name ?? path, status: await client.status(), reason: '' };
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    return { name: name ?? path, status: null, reason: error.message };
  }
}

function jsonLine({ name, status, reason }: Asked): string {
  return jsonText({ name, ...(status === null ? { error: reason } : statusObject(status)) });
}

function fleetTable(asked: readonly Asked[]): string {
  const rows = asked.map(({ name, status, reason }) => [
    safe(name),
    ...(status === null ? ['not there', '-', '-', '-', safe(reason, 400)] : cellsOf(status)),
  ]);
  return plainTable([['name', 'state', 'hosts', 'backlog', 'peers', 'alarms'], ...rows]);
}

function cellsOf(status: Status): string[] {
  const { hosts, backlog, peers, redirecting } = status;
  return [
    isRedirectingAll(redirecting) ? 'draining' : 'live',
    count(hosts.live),
    `${count(backlog.current)} of ${count(backlog.limit)}`,
    aliveText(peers),
    alarmsOf(status)
      .map(({ text }) => text)
      .join('; ') || 'none',
  ];
}
