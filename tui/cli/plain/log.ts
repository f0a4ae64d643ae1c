// `ddns-tui log` without a screen: the latest lines that the name server keeps, oldest first, and with
// `--follow` each further one as it comes, whatever becomes of the name server meanwhile.
import type { IpcClient } from '../../../shared/ipc/client.ts';
import { type LogQuery, logHistory, processOf } from '../../../shared/ipc/log-contract.ts';
import type { LogLine } from '../../../shared/output/log-line.ts';
import { type Attachment, createAttachment } from '../../daemon/attach.ts';
import { counted, iso, type Zone, zonedTime } from '../../text/format.ts';
import { levelText, lineText } from '../../text/log-line.ts';
import type { Output, Printing } from './output.ts';

/** What a socket of this machine takes to close, many times over. */
const endingMs = 1_000;

export interface PrintLogOptions {
  level: NonNullable<LogQuery['level']>;
  filter: string;
  /** most of the lines that are there already; null is all that the name server keeps */
  limit: number | null;
  json: boolean;
  /** of the times in plain text */
  zone: Zone;
}

export async function printLog(
  client: IpcClient,
  options: PrintLogOptions,
  output: Output,
): Promise<void> {
  const { lines } = await client.log(queryOf(options));
  await output.write(printed(lines, options));
}

/** What it complains of is no line of the log. */
interface Following extends Pick<Printing, 'output' | 'complain'> {
  connect(): Promise<IpcClient>;
  /** resolves when it is enough */
  stopped: Promise<unknown>;
}

/**
 * Prints until it is stopped or nobody reads any more.
 * @throws UnreachableError when the name server cannot be attached to at the start
 */
export async function followLog(options: PrintLogOptions, following: Following): Promise<void> {
  const { connect, output, complain, stopped } = following;
  /** the process whose lines were printed last, and up to which one */
  let known = { process: '', last: 0 };
  let newest = 0;
  let isReading = false;
  let giveUp: (error?: unknown) => void = () => {};
  const over = new Promise<void>((resolve, reject) => {
    giveUp = (error) => (error === undefined ? resolve() : reject(error));
  });

  const read = async (client: IpcClient) => {
    const process = processOf(client.server);
    const isFirst = known.process === '';
    const after = known.process === process ? known.last : 0;
    const query = isFirst ? queryOf(options) : { ...queryOf(options), after, limit: logHistory };
    const { status, lines, forgotten } = await client.log(query);
    if (!isFirst && known.process !== process) complain('the name server restarted');
    if (!isFirst && forgotten > 0) complain(`${counted(forgotten, 'earlier line')} no longer kept`);
    known = { process, last: status.lines };
    return output.write(printed(lines, options));
  };
  const pump = async (attachment: Attachment) => {
    const client = attachment.client();
    if (isReading || client === null) return;
    if (known.process === processOf(client.server) && newest <= known.last) return;
    isReading = true;
    try {
      if (!(await read(client))) return giveUp();
    } catch (error) {
      // A connection that ended is made again; anything else would happen again.
      if (!(await endsSoon(client))) return giveUp(error);
    } finally {
      isReading = false;
    }
    void pump(attachment);
  };
  const attachment = createAttachment({
    connect,
    onEvent: (event) => {
      if (event.type === 'lost') complain('no answer from the name server; reconnecting');
      if (event.type === 'attached') newest = event.snapshot.status.log.lines;
      if (event.type === 'delta') newest = event.delta.status.log?.lines ?? newest;
      void pump(attachment);
    },
  });
  await attachment.start();
  try {
    await Promise.race([stopped, over]);
  } finally {
    attachment.close();
  }
}

/** Whether it is a connection that is about to end: what was asked then fails before it does. */
async function endsSoon(client: IpcClient): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const stays = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, endingMs, false);
  });
  const isEnded = await Promise.race([client.closed.then(() => true), stays]);
  clearTimeout(timer);
  return isEnded;
}

function queryOf({ level, filter, limit }: PrintLogOptions): LogQuery {
  return { level, filter, limit: Math.min(limit ?? logHistory, logHistory) };
}

function printed(lines: readonly LogLine[], { json, zone }: PrintLogOptions): string {
  return lines.map((line) => (json ? logJson(line) : logPlain(line, zone))).join('');
}

export function logJson({ seq, at, level, msg, fields }: LogLine): string {
  // What a field is called says nothing of what it is.
  return `${JSON.stringify({ seq, at: iso(at), level, msg, fields })}\n`;
}

export function logPlain(line: LogLine, zone: Zone): string {
  return `${zonedTime(line.at, zone)}  ${levelText(line.level)}  ${lineText(line).text}\n`;
}
