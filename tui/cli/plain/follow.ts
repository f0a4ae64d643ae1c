// A status line every few seconds, for a name server in the foreground without a terminal.

import type { Status } from '../../../shared/ipc/status-contract.ts';
import { exitCodes } from '../../../shared/program.ts';
import { addressText } from '../../../shared/protocol/address-kind.ts';
import { wallNow } from '../../../shared/wall-clock.ts';
import { connectTo, createAttachment } from '../../daemon/attach.ts';
import { safe } from '../../text/columns.ts';
import { count, localZone, rate, timeOfDay } from '../../text/format.ts';
import { isRedirectingAll, redirectingText } from '../../text/redirecting.ts';
import { createOutput } from './output.ts';

const everyMs = 5_000;

/**
 * Prints until SIGINT or SIGTERM, the reader going away, or `ended` (the daemon's own end).
 * @throws UnreachableError when the daemon cannot be attached to at the start
 */
export async function followStatus(
  socketPath: string,
  stdout: NodeJS.WriteStream,
  ended: Promise<unknown> | null,
): Promise<number> {
  const output = createOutput(stdout);
  let status: Status | null = null;
  let registeredBefore = 0;
  let printedAt = performance.now();
  const attachment = createAttachment({
    connect: connectTo(socketPath),
    onEvent: (event) => {
      if (event.type === 'attached') status = event.snapshot.status;
      else if (event.type === 'delta' && status) status = { ...status, ...event.delta.status };
      else if (event.type === 'lost') status = null;
    },
  });
  await attachment.start();
  const stopped = new Promise<void>((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
    const timer = setInterval(async () => {
      if (!(await output.write(lineNow()))) {
        clearInterval(timer);
        resolve();
      }
    }, everyMs);
    timer.unref();
  });
  const lineNow = () => {
    const now = performance.now();
    const perSecond = status
      ? (1000 * Math.max(0, status.counters.registered - registeredBefore)) / (now - printedAt)
      : 0;
    registeredBefore = status?.counters.registered ?? 0;
    printedAt = now;
    return statusLine(wallNow(), status, perSecond);
  };
  const first = status as Status | null;
  registeredBefore = first?.counters.registered ?? 0;
  if (first) await output.write(greeting(first));
  await Promise.race([stopped, ended ?? stopped]);
  attachment.close();
  return exitCodes.ok;
}

export function greeting({ listen, server }: Status): string {
  return `name server ${server.id} listening on ${addressText(listen)} (pid ${server.pid}); Ctrl-C stops it\n`;
}

/** `12:00:03 UTC live 42 · 3 registered/s · backlog 0/100` */
export function statusLine(at: number, status: Status | null, registeredPerSecond: number): string {
  const zone = localZone(at);
  const time = `${timeOfDay(at, zone)} ${zone.name}`;
  if (status === null) return `${time} no answer from the name server; reconnecting\n`;
  const { listen, hosts, backlog, storage, redirecting, peers } = status;
  const parts = [
    `live ${count(hosts.live)}`,
    `${rate(registeredPerSecond)} registered/s`,
    `backlog ${count(backlog.current)}/${count(backlog.limit)}`,
    ...(isRedirectingAll(redirecting) ? [redirectingText(redirecting, peers)] : []),
    ...(listen.isLost ? [`${safe(listen.address, 64)} lost`] : []),
    ...(storage.state === 'ok' ? [] : [`storage ${storage.state}`]),
  ];
  return `${time} ${parts.join(' · ')}\n`;
}
