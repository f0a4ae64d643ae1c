// An operator's actions on the name server, and the notice of how each went. Failures come back as notices, never
// as throws.
import type { IpcClient } from '../../shared/ipc/client.ts';
import { type LogStatus, queryLevels } from '../../shared/ipc/log-contract.ts';
import type { Notice } from '../state/common-state.ts';
import type { AskedOfDaemon } from '../state/confirmation.ts';
import { isEqual, syncText } from '../text/peers.ts';
import { redirectingText } from '../text/redirecting.ts';

export async function syncPeer(client: IpcClient | null, address: string): Promise<Notice> {
  if (client === null) return notConnected;
  try {
    const { peers } = await client.syncPeers(address);
    const tone = peers.every(isEqual) ? 'good' : 'warn';
    return { tone, text: peers.map(syncText).join('; ') };
  } catch (error) {
    return failed(`syncing with ${address}`, error);
  }
}

export async function perform(client: IpcClient | null, asked: AskedOfDaemon): Promise<Notice> {
  if (client === null) return notConnected;
  try {
    return { tone: 'good', text: await done(client, asked) };
  } catch (error) {
    return failed(nameOf(asked), error);
  }
}

async function done(client: IpcClient, asked: AskedOfDaemon): Promise<string> {
  switch (asked.action) {
    case 'close': {
      const { source } = await client.closeConnection(asked.id);
      return `closed ${source} without a reply; the node may reconnect`;
    }
    case 'send':
    case 'drain': {
      const address = asked.action === 'send' ? asked.address : undefined;
      return redirectingText(await client.drain(address));
    }
    case 'undrain':
      await client.undrain();
      return 'drain ended';
    case 'log':
      return setLogLevel(client, asked.level);
    case 'override':
      await client.overrideSelfPreservation();
      return 'self-preservation is overridden for two ping cycles: hosts that do not answer will be deleted';
  }
}

function nameOf(asked: AskedOfDaemon): string {
  switch (asked.action) {
    case 'close':
      return `closing ${asked.source}`;
    case 'send':
      return `draining to ${asked.address}`;
    case 'drain':
      return 'draining';
    case 'undrain':
      return 'ending the drain';
    case 'log':
      return `setting LogLevel=${asked.level}`;
    case 'override':
      return 'overriding self-preservation';
  }
}

export const notConnected: Notice = {
  tone: 'warn',
  text: 'not connected to the name server; retry when it is back',
};

function failed(what: string, error: unknown): Notice {
  const reason = error instanceof Error ? error.message : String(error);
  return { tone: 'bad', text: `${what} failed: ${reason}` };
}

export type ShownLogLevel = LogStatus['level'];

const name = 'LogLevel';

/** The next more (1) or less (-1) verbose level; null: there is none. */
export function besideLevel(level: ShownLogLevel, by: 1 | -1): ShownLogLevel | null {
  return queryLevels[queryLevels.indexOf(level) + by] ?? null;
}

/** Sets LogLevel in ddns.conf. @returns the new state, as a notice. @throws Error why it was not set */
export async function setLogLevel(client: IpcClient, level: ShownLogLevel): Promise<string> {
  const { file, fingerprint } = await client.config();
  if (fingerprint === null) throw new Error(`${file} cannot be read; see Config`);
  const saved = await client.saveConfig({ edits: [{ name, value: level }], fingerprint });
  switch (saved.outcome) {
    case 'refused':
      throw new Error(saved.problems.map(({ message }) => message).join('; '));
    case 'conflict':
      throw new Error(`${file} changed on disk; try again`);
    case 'unchanged':
      return `LogLevel is already ${level} in ${file}`;
    case 'saved': {
      const others = saved.changed.map((change) => change.name).filter((each) => each !== name);
      const more =
        others.length === 0 ? '' : `; the file on disk also changed ${others.join(', ')}`;
      return `LogLevel set to ${level}${more}`;
    }
  }
}
