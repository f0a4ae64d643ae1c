// `ddns-tui --serve DIR`: a name server that lives as long as this console. One that already answers
// in DIR is only attached to, and left running.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { connectIpc, UnreachableError } from '../../shared/ipc/client.ts';
import { exitCodes } from '../../shared/program.ts';
import { version } from '../../shared/version.ts';
import { type OwnDaemon, startDaemon } from '../daemon/own-daemon.ts';
import { configuredSocket } from '../daemon/socket-path.ts';
import { followStatus } from './plain/follow.ts';

interface ServeOptions {
  folder: string;
  /** Takes the screen and returns the exit code; null where there is no terminal. */
  onScreen: ((socketPath: string) => Promise<number>) | null;
}

/** @returns the exit code @throws UnreachableError */
export async function serve({ folder, onScreen }: ServeOptions): Promise<number> {
  const data = resolve(folder);
  const daemon = (await answers(await socketIn(data))) ? null : startDaemon('--data', data);
  if (daemon) {
    // While it starts, or fails to, its socket may be there without anybody who greets.
    const failure = await daemon.ready(async () =>
      answers(await socketIn(data)).catch(() => false),
    );
    if (failure) return report(failure);
  }
  const socketPath = await socketIn(data);
  try {
    const code = onScreen
      ? await onScreen(socketPath)
      : await followStatus(socketPath, process.stdout, daemon?.exited ?? null);
    const ended = await daemon?.stop();
    if (!ended || ended.code === 0) return code;
    return report(ended);
  } catch (error) {
    await daemon?.stop();
    throw error;
  }
}

function report({ code, lastWords }: Awaited<OwnDaemon['exited']>): number {
  process.stderr.write(lastWords || `ddns-tui: the name server ended with code ${code}\n`);
  return code || exitCodes.failed;
}

async function answers(socketPath: string): Promise<boolean> {
  try {
    const client = await connectIpc(socketPath, { name: 'ddns-tui', version });
    client.close();
    return true;
  } catch (error) {
    // Anything but an absent server would not become better by starting another one.
    if (error instanceof UnreachableError && error.code === 'not-running') return false;
    throw error;
  }
}

/** The socket that the folder's own ddns.conf names; the file may not be written yet. */
async function socketIn(data: string): Promise<string> {
  const conf = join(data, 'ddns.conf');
  const named = existsSync(conf) ? await configuredSocket({ conf }) : null;
  return named ?? join(data, 'ddnsd.sock');
}
