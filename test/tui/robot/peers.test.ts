// The real program at a real terminal, attached to one of two real name servers that know each other.
import test from 'ava';
import { connectIpc } from '../../../shared/ipc/client.ts';
import { version } from '../../../shared/version.ts';
import { counted } from '../../../tui/text/format.ts';
import { programCommand } from '../../fixture/programs.ts';
import { pairOf } from '../../robot/daemon.ts';
import { SharedConsole } from '../../robot/shared-console.ts';
import { type Screen, sizes, withConsole, withTerminal } from '../../robot/terminal.ts';

const [daemon, peer] = await pairOf(test);
const shared = new SharedConsole(test);
const peerAddress = `127.0.0.3:${peer.port}`;

test.afterEach.always(async () => {
  const client = await connectIpc(daemon.socket, { name: 'robot', version: '0' });
  await client.undrain();
  client.close();
});

// First, because it is offered for the first minutes only.
test.serial('console › self-preservation is overridden once the word is typed', async (t) => {
  await shared.use(daemon, { columns: 80, rows: 24 }, async (robot) => {
    await robot.sees('o override');
    robot.type('o');
    await robot.sees('Override self-preservation?', 'type override: █');
    robot.type('override\r');
    await robot.sees('overridden for two ping cycles');
    robot.type('1');
    await robot.until('it is not offered again', (screen) =>
      screen.some((line) => line.includes('q quit') && !line.includes('o override')),
    );
  });
  t.pass();
});

/** How many redirects there were since the start. */
function redirectsOn(screen: Screen): number {
  return Number(/(\d+) redirects? since start/.exec(screen.join('\n'))?.[1]);
}

for (const [index, size] of sizes.entries()) {
  test.serial(
    `console at ${size.rows}x${size.columns} › shows the peers, drains, and takes nodes again`,
    async (t) => {
      await shared.use(daemon, size, async (robot) => {
        await robot.sees('● live', '! ');
        robot.type('3');
        await robot.sees('1 peer, 1 alive', 'sync is unencrypted: set Secret in ddns.conf');
        await robot.sees(peerAddress, 'alive, round trip', 'up to date', `version ${version}`);
        robot.type('S');
        await robot.sees(`in sync with ${peerAddress}: nothing exchanged`);
        robot.type('d');
        await robot.sees('Drain this name server?', 'type drain: █');
        robot.type('drai\r');
        await robot.sees('type drain: drai█');
        robot.type('n\r');
        await robot.sees(
          'draining: redirecting nodes to the least loaded peer',
          ' Draining: redirecting nodes to the least loaded peer (',
        );
        robot.type('1');
        await robot.sees('Live hosts', ' Draining: redirecting nodes to the least loaded peer (');
        robot.type('4');
        const before = redirectsOn(
          await robot.sees('since start', 'draining: redirecting nodes', 'u end drain'),
        );
        const source = `127.0.1.1:${20_001 + index}`;
        const reply = await daemon.register({
          id: 'late',
          port: 20_001 + index,
          from: '127.0.1.1',
        });
        t.is(reply, `redirect ${peerAddress}\n`);
        const sent = await robot.sees(
          `${counted(before + 1, 'redirect')} since start`,
          source,
          '100 %',
        );
        t.regex(
          sent.find((line) => line.includes(source)) ?? '',
          new RegExp(`^ \\S.* ${source} +native +${peerAddress} +drain`),
        );
        robot.type('u');
        await robot.sees('End the drain?', 'type end: █');
        robot.type('end\r');
        const ended = await robot.sees('drain ended', 'redirects only when the backlog fills');
        t.false(ended.join('\n').includes('Draining'));
        robot.type('3t');
        await robot.sees(`Drain to ${peerAddress}?`, 'type drain: █');
        robot.type('\u001b');
        await robot.sees('t drain to it');
        robot.type('tdrain\r');
        await robot.sees(` Draining: redirecting nodes to ${peerAddress} (`);
      });
    },
  );
}

test.serial('console › with --read-only nothing can be sent elsewhere', async (t) => {
  const options = { columns: 80, rows: 24, parameters: ['peers', '--read-only'] };
  await withConsole(daemon, options, async (robot) => {
    const screen = await robot.sees('1 peer, 1 alive', 'q quit');
    t.false(/drain|sync now/.test(screen.join('\n')));
    t.true(screen.join('\n').includes('read-only'), 'the header says so');
    robot.type('d');
    await robot.sees('read-only: d would drain: redirect every node; start without --read-only');
    robot.type('SdtuSu4');
    await robot.sees('redirects only when the backlog fills');
    robot.type('1o2');
    const hosts = await robot.sees('no hosts registered yet');
    t.false(hosts.join('\n').includes('override'));
  });
});

test.serial('drain › on a terminal it asks, and does nothing without a yes', async (t) => {
  await withTerminal({ columns: 200, rows: 24 }, async (robot) => {
    const to = ['--to', peerAddress, '--socket', daemon.socket];
    await robot.run(programCommand('ddns-tui', 'drain', ...to));
    await robot.sees(`Redirect every node to ${peerAddress}? [y/N]`);
    robot.type('n\r');
    await robot.sees('ddns-tui: cancelled; nothing changed');
    t.is(await robot.exitCode(), 1);
    await robot.run(programCommand('ddns-tui', 'drain', ...to));
    await robot.prints(/\[y\/N\]/);
    robot.type('y\r');
    await robot.sees(
      `draining: redirecting nodes to ${peerAddress}; end it with: ddns-tui drain --stop`,
    );
    t.is(await robot.exitCode(), 0);
  });
});

test.serial('console › a peer that goes away is shown as such in every view', async (t) => {
  const options = { columns: 100, rows: 30, parameters: ['peers', '--bell', '--title'] };
  await withConsole(daemon, options, async (robot) => {
    await robot.sees('1 peer, 1 alive');
    const before = robot.output.length;
    await peer.kill('SIGKILL');
    await robot.sees('1 peer, 0 alive', `! ${peerAddress} down`);
    const down = await robot.sees('state       down for', 'last heard', 'until then  round trip');
    t.false(/t drain|d drain|S sync/.test(down.join('\n')), 'what the daemon would refuse');
    for (const [key, why] of [
      ['t', `cannot drain to ${peerAddress}: down for`],
      ['d', 'cannot drain: no peer accepts nodes now; see Peers'],
      ['S', `cannot sync: not connected to ${peerAddress}`],
    ] as const) {
      robot.type(key);
      await robot.sees(why);
    }
    t.false(/(down|suspect).* ms/.test(down.find((line) => line.includes('127.0.0.3')) ?? 'ms'));
    robot.type('2');
    await robot.sees('no hosts registered yet', `! ${peerAddress} down`);
    const since = robot.output.slice(before);
    t.true(since.includes(`\u001b]2;! ${peerAddress} `), 'the title');
    t.true(since.replaceAll(/\u001b\][^\u0007]*\u0007/g, '').includes('\u0007'), 'the bell');
  });
  t.pass();
});
