import test from 'ava';
import { ResponseError } from 'vscode-jsonrpc/node';
import type { IpcClient } from '../../../shared/ipc/client.ts';
import type { ConfigSave, SaveResult } from '../../../shared/ipc/config-contract.ts';
import { ipcErrors } from '../../../shared/ipc/contract.ts';
import { besideLevel, perform } from '../../../tui/daemon/actions.ts';
import { pingHosts, removeHosts } from '../../../tui/daemon/many-hosts.ts';
import { outcomesText, outcomeTone } from '../../../tui/text/host-outcomes.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { fixedConfig } from '../fixture-data.ts';

function saving(result: SaveResult, config = fixedConfig()) {
  const asked: ConfigSave[] = [];
  const client = {
    config: async () => config,
    saveConfig: async (change: ConfigSave) => {
      asked.push(change);
      return result;
    },
  } as unknown as IpcClient;
  return { asked, set: () => perform(client, { action: 'log', level: 'debug' }) };
}

const saved: SaveResult = {
  outcome: 'saved',
  backup: 'b',
  warnings: [],
  changed: [{ name: 'LogLevel', from: 'info', to: 'debug' }],
  waiting: [],
  config: fixedConfig(),
};

test('log level › only LogLevel changes in ddns.conf, which must be as it was read', async (t) => {
  const { asked, set } = saving(saved);
  t.deepEqual(await set(), { tone: 'good', text: 'LogLevel set to debug' });
  t.deepEqual(asked, [{ edits: [{ name: 'LogLevel', value: 'debug' }], fingerprint: 'first' }]);
});

test('log level › other changes in the file are reported', async (t) => {
  const changed = [...saved.changed, { name: 'TTL', from: '60m', to: '5m' }];
  t.is(
    (await saving({ ...saved, changed }).set()).text,
    'LogLevel set to debug; the file on disk also changed TTL',
  );
});

test('log level › the notice says why it was not set', async (t) => {
  const failed = async (result: SaveResult, config = fixedConfig()) => {
    const { tone, text } = await saving(result, config).set();
    t.is(tone, 'bad');
    return text.replace('setting LogLevel=debug failed: ', '');
  };
  const conf = '/etc/dynamo/DDNS/ddns.conf';
  t.is(
    await failed({ outcome: 'conflict', config: fixedConfig() }),
    `${conf} changed on disk; try again`,
  );
  const problem = {
    line: 1,
    name: 'Port',
    value: 'x',
    message: 'must be 1 to 65535',
    allowed: null,
  };
  t.is(await failed({ outcome: 'refused', problems: [problem] }), 'must be 1 to 65535');
  t.is(
    await failed(saved, fixedConfig({ text: null, fingerprint: null })),
    `${conf} cannot be read; see Config`,
  );
  t.deepEqual(await saving({ outcome: 'unchanged', config: fixedConfig() }).set(), {
    tone: 'good',
    text: `LogLevel is already debug in ${conf}`,
  });
});

test('log level › each level has its neighbours', (t) => {
  t.deepEqual([besideLevel('info', 1), besideLevel('info', -1)], ['debug', 'warn']);
  t.deepEqual([besideLevel('trace', 1), besideLevel('error', -1)], [null, null]);
});

/** A daemon that answers on command, and counts the hosts it is asked about at a time. */
function slow(answer: (address: string) => Error | null = () => null) {
  const waiting: (() => void)[] = [];
  let most = 0;
  const ask = async (address: string) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      most = Math.max(most, waiting.length);
    });
    const error = answer(address);
    if (error !== null) throw error;
    return { answered: address.endsWith('1'), roundTripMs: 1, reason: null };
  };
  const client = { remove: ask, ping: ask } as unknown as IpcClient;
  return {
    client,
    most: () => most,
    /** Lets the last one that was asked about go first, until `results` are there. */
    async finish<T>(results: Promise<T>): Promise<T> {
      let isDone = false;
      const finish = () => {
        isDone = true;
      };
      results.then(finish, finish);
      while (!isDone) {
        waiting.pop()?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
      return results;
    },
  };
}

const addresses = Array.from({ length: 50 }, (_, index) => `10.0.0.1:${index + 1}`);

test('many hosts › a few are in progress at a time, and outcomes are in the order given', async (t) => {
  const daemon = slow();
  const progress: number[] = [];
  const pings = await daemon.finish(
    pingHosts(daemon.client, addresses, (done) => progress.push(done)),
  );
  t.is(daemon.most(), 16);
  t.deepEqual(
    pings.map(({ address }) => address),
    addresses,
  );
  t.deepEqual(
    progress,
    addresses.map((_, index) => index + 1),
  );
  t.is(pings.filter(({ outcome }) => outcome === 'answered').length, 5);
});

test('many hosts › one that fails does not stop the others', async (t) => {
  const daemon = slow((address) => {
    if (address.endsWith(':2')) return new ResponseError(ipcErrors.unknownHost, 'no such host');
    return address.endsWith(':3') ? new Error('the disk is full') : null;
  });
  const removals = await daemon.finish(removeHosts(daemon.client, addresses.slice(0, 4)));
  t.deepEqual(removals, [
    { address: '10.0.0.1:1', outcome: 'removed' },
    { address: '10.0.0.1:2', outcome: 'unknown', reason: 'no such host' },
    { address: '10.0.0.1:3', outcome: 'failed', reason: 'the disk is full' },
    { address: '10.0.0.1:4', outcome: 'removed' },
  ]);
  t.is(
    outcomesText('removal', removals),
    '2 removed, 1 already gone: 10.0.0.1:2, 1 failed: 10.0.0.1:3 (the disk is full)',
  );
  t.is(outcomeTone(removals), 'bad');
  t.is(outcomeTone(removals.slice(0, 2)), 'warn');
  t.is(outcomeTone(removals.slice(0, 1)), 'good');
});

test('many hosts › silent hosts are named, as many as fit in a line', (t) => {
  const silent = addresses
    .slice(0, 5)
    .map((address) => ({ address, outcome: 'silent' as const, reason: 'no route' }));
  t.is(
    outcomesText('ping', [
      { address: '10.0.0.9:1', outcome: 'answered', roundTripMs: 2 },
      ...silent,
    ]),
    '1 answered, 5 did not answer: 10.0.0.1:1, 10.0.0.1:2, 10.0.0.1:3 and 2 more',
  );
  t.is(outcomesText('ping', silent.slice(0, 1)), '10.0.0.1:1 did not answer: no route');
  t.is(
    outcomesText('ping', [{ address: '10.0.0.9:1', outcome: 'silent', reason: '\u001b[2J' }]),
    '10.0.0.9:1 did not answer: \\x1b[2J',
  );
});

test('many hosts › a name server that goes away in between fails each host', async (t) => {
  const server = await startTestServer(t);
  const client = await server.attach();
  client.close();
  const removals = await removeHosts(client, addresses.slice(0, 2));
  t.deepEqual(
    removals.map(({ outcome }) => outcome),
    ['failed', 'failed'],
  );
});
