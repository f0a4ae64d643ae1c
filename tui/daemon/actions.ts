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
  const [name, act] = actionOf(client, asked);
  try {
    return { tone: 'good', text: await act() };
  } catch (error) {
    return failed(name, error);
  }
}

/** What it is called when it fails, and what does it. */
function actionOf(client: IpcClient, asked: AskedOfDaemon): [string, () => Promise<string>] {
  switch (asked.action) {
    case 'close': {
      const close = async () => {
        const { source } = await client.closeConnection(asked.id);
        return `closed ${source} without a reply; the node may reconnect`;
      };
      return [`closing ${asked.source}`, close];
    }
    case 'send':
      return [
        `draining to ${asked.address}`,
        async () => redirectingText(await client.drain(asked.address)),
      ];
    case 'drain':
      return ['draining', async () => redirectingText(await client.drain())];
    case 'undrain':
      return ['ending the drain', () => client.undrain().then(() => 'drain ended')];
    case 'log':
      return [`setting LogLevel=${asked.level}`, () => setLogLevel(client, asked.level)];
    case 'override': {
      const text =
        'self-preservation is overridden for two ping cycles: hosts that do not answer will be deleted';
      return [
        'overriding self-preservation',
        () => client.overrideSelfPreservation().then(() => text),
      ];
    }
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

type ShownLogLevel = LogStatus['level'];

const name = 'LogLevel';

/** The next more (1) or less (-1) verbose level; null: there is none. */
export function besideLevel(level: ShownLogLevel, by: 1 | -1): ShownLogLevel | null {
  return queryLevels[queryLevels.indexOf(level) + by] ?? null;
}

/** Sets LogLevel in ddns.conf. @returns the new state, as a notice. @throws Error why it was not set */
async function setLogLevel(client: IpcClient, level: ShownLogLevel): Promise<string> {
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
