import { PassThrough } from 'node:stream';
import test from 'ava';
import type { IpcClient } from '../../../../shared/ipc/client.ts';
import type { Redirecting } from '../../../../shared/ipc/status-contract.ts';
import { isAgreed } from '../../../../tui/cli/command-line.ts';
import { drain, drainQuestion } from '../../../../tui/cli/drain-command.ts';
import { perform } from '../../../../tui/daemon/actions.ts';
import { fixedNow } from '../../fixture-data.ts';

/** A daemon that drains and stops draining, and remembers what it was asked. */
function drainable(isAlone = false) {
  const asked: string[] = [];
  const redirecting = (mode: Redirecting['mode'], to: string | null): Redirecting => ({
    mode,
    to,
    since: fixedNow,
    isLoaded: false,
  });
  const client = {
    drain: async (address?: string) => {
      asked.push(`drain ${address ?? 'all'}`);
      if (isAlone) throw new Error('there is no other name server; name them in NameServers');
      return redirecting(address === undefined ? 'drain' : 'chosen', address ?? null);
    },
    undrain: async () => {
      asked.push('undrain');
      return redirecting('load', null);
    },
  };
  return { asked, client: client as unknown as IpcClient };
}

const to = '192.0.2.2:4524';

test('drain › says what holds from now on and how to end it', async (t) => {
  const { asked, client } = drainable();
  t.is(
    await drain(client, {}),
    'draining: redirecting nodes to the least loaded peer; end it with: ddns-tui drain --stop\n',
  );
  t.is(
    await drain(client, { to }),
    `draining: redirecting nodes to ${to}; end it with: ddns-tui drain --stop\n`,
  );
  t.is(await drain(client, { stop: true }), 'drain ended\n');
  t.deepEqual(asked, ['drain all', `drain ${to}`, 'undrain']);
});

test('drain › JSON is the state of redirecting with its time as ISO 8601', async (t) => {
  const { client } = drainable();
  t.deepEqual(JSON.parse(await drain(client, { to, json: true })), {
    mode: 'chosen',
    to,
    since: new Date(fixedNow).toISOString(),
    isLoaded: false,
  });
});

test('drain › asks for what it is about to do', (t) => {
  t.is(drainQuestion({}), 'Redirect every node to the least loaded peer?');
  t.is(drainQuestion({ to }), `Redirect every node to ${to}?`);
  t.is(drainQuestion({ stop: true }), 'End the drain?');
});

for (const [answer, expected] of [
  ['y\n', true],
  ['YES\n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
  ['', false],
] as const)
  test(`drain › ${JSON.stringify(answer)} means ${expected ? 'yes' : 'no'}`, async (t) => {
    const input = new PassThrough();
    const output = new PassThrough();
    input.end(answer);
    t.is(await isAgreed('Sure?', input, output), expected);
    t.true(String(output.read()).includes('Sure? [y/N] '));
  });

test('actions › what was confirmed is done, and its outcome is one line', async (t) => {
  const { asked, client } = drainable();
  t.deepEqual(await perform(client, { action: 'send', address: to }), {
    tone: 'good',
    text: `draining: redirecting nodes to ${to}`,
  });
  t.deepEqual(await perform(client, { action: 'undrain' }), {
    tone: 'good',
    text: 'drain ended',
  });
  t.deepEqual(asked, [`drain ${to}`, 'undrain']);
  t.deepEqual(await perform(drainable(true).client, { action: 'drain' }), {
    tone: 'bad',
    text: 'draining failed: there is no other name server; name them in NameServers',
  });
  t.is((await perform(null, { action: 'override' })).tone, 'warn');
});
