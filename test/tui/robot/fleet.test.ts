// The real program with two real name servers.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { programCommand } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { createRobotDaemon, daemonOf, type RobotDaemon } from '../../robot/daemon.ts';
import { withTerminal } from '../../robot/terminal.ts';

/** For tests of a console with one name server. */
const daemon = await daemonOf(test, { forgets: true });

async function withDaemons(
  act: (berlin: RobotDaemon, paris: RobotDaemon) => Promise<void>,
): Promise<void> {
  const [here, there] = ['127.0.0.1', '127.0.0.2'] as const;
  const port = await freePort();
  const berlin = await createRobotDaemon({
    ip: here,
    settings: [`NameServers=${there}:${port}`],
  });
  const paris = await createRobotDaemon({
    ...{ ip: there, port },
    settings: [`NameServers=${here}:${berlin.port}`, 'Zone=peers.example.org.'],
  });
  try {
    await Promise.all([berlin.start(), paris.start()]);
    await act(berlin, paris);
  } finally {
    await Promise.all([berlin.close(), paris.close()]);
  }
}

const named = (name: string, { socket }: RobotDaemon) => ['--socket', `${name}=${socket}`];

test.serial(
  'fleet › of two name servers the right one is drained, and one that ends is seen',
  async (t) => {
    await withDaemons(async (berlin, paris) => {
      await berlin.register({ id: 'node-1', port: 20_001 });
      const command = programCommand(
        'ddns-tui',
        ...named('berlin', berlin),
        ...named('paris', paris),
      );
      await withTerminal({ columns: 160, rows: 24 }, async (robot) => {
        await robot.run(command);
        const list = await robot.sees('2 name servers, 2 live', 'keys act on berlin');
        const line = (name: string) => list.find((each) => each.startsWith(` ${name} `)) ?? '';
        t.regex(line('berlin'), / 2 \(IPv4\) +dynamo\. /);
        t.regex(line('paris'), / 2 \(IPv4\) +peers\.example\.org\. /);
        robot.type('j\r');
        await robot.sees(' paris ', '127.0.0.2:');
        robot.type('3');
        await robot.sees('1 peer, 1 alive');
        robot.type('4d');
        await robot.sees('paris: Drain this name server?');
        robot.type('drain\r');
        await robot.sees('draining: redirecting nodes');
        robot.type('0');
        await robot.until('paris alone drains', (screen) => {
          const isNow = (name: string, state: string) =>
            screen.some((each) => each.startsWith(` ${name} `) && each.includes(` ${state} `));
          return isNow('berlin', 'live') && isNow('paris', 'draining');
        });
        robot.type('[');
        await robot.sees(' berlin ', 'redirects only when the backlog fills');
        await berlin.kill('SIGKILL');
        await robot.sees('Disconnected; data is');
        robot.type('0');
        const screen = await robot.sees('2 name servers, 1 live', 'lost ');
        t.true(screen.some((line) => /^ paris +draining/.test(line)));
        await berlin.start();
        await robot.sees('2 name servers, 2 live');
        robot.type('q');
        await robot.sees('shell>');
      });
    });
  },
);

test.serial(
  "fleet › the console's file names the servers, and its mistakes are said",
  async (t) => {
    const folder = makeFolder(t);
    mkdirSync(join(folder, 'ddns-tui'));
    const file = join(folder, 'ddns-tui', 'config');
    const env = { XDG_CONFIG_HOME: folder };
    const sockets = `Socket.here=${daemon.socket}\nSocket.gone=${daemon.folder}/no.sock\n`;
    const table = 'Sort.hosts=lastSeen descending\nColumns.hosts=lastSeen address state\n';
    writeFileSync(file, `${sockets}Theme=light\n${table}Colour=red\n`);
    await daemon.register({ id: 'node-1', port: 20_001 });
    await withTerminal({ columns: 160, rows: 24, env }, async (robot) => {
      await robot.run(programCommand('ddns-tui'));
      await robot.sees('2 name servers, 1 live', 'config:6: Colour=red: there is no such setting');
      t.true(robot.output.includes('38;5;24'));
      robot.type('\r2');
      await robot.until('the columns of the file, in its order', (screen) =>
        screen.some((line) => /^ +last seen ▼ +address +state(?: {2}|$)/.test(line)),
      );
      robot.type('q');
      await robot.sees('shell>');
      await robot.run(programCommand('ddns-tui', '--socket', 'here', '--plain', 'hosts'));
      await robot.sees('config:6: Colour=red');
      writeFileSync(file, `${sockets}Socket.here=/x\n`);
      await robot.run(programCommand('ddns-tui', 'status', '--plain'));
      await robot.sees('correct the sockets of that file, or give --socket');
      robot.type('echo "code=$?."\r');
      await robot.sees('code=78.');
    });
  },
);

test.serial(
  'fleet › the colour of a name server is in every confirmation, and without colours its name',
  async (t) => {
    const folder = makeFolder(t);
    mkdirSync(join(folder, 'ddns-tui'));
    writeFileSync(
      join(folder, 'ddns-tui', 'config'),
      `Socket.prod=${daemon.socket}\nSocket.lab=/nowhere\nColour.prod=red\n`,
    );
    const onRed = /48;5;124m(?:\u001b\[[\d;]*m)*prod: /;
    await daemon.register({ id: 'node-1', port: 20_001 });
    const colourful = { XDG_CONFIG_HOME: folder, TERM: 'xterm-256color' };
    for (const env of [colourful, { ...colourful, NO_COLOR: '1' }])
      await withTerminal({ columns: 80, rows: 24, env }, async (robot) => {
        await robot.run(programCommand('ddns-tui'));
        await robot.sees('2 name servers, 1 live');
        robot.type(']]2');
        await robot.sees('node-1');
        robot.type('x');
        await robot.sees('prod: Remove 127.0.0.1:20001?');
        t.is(onRed.test(robot.output), !('NO_COLOR' in env));
        robot.type('\u001b');
        await robot.sees('x remove');
        robot.type('q');
        await robot.sees('shell>');
        await robot.run(programCommand('ddns-tui', '--socket', 'prod', 'drain'));
        await robot.sees('prod: Redirect every node to the least loaded peer? [y/N]');
        robot.type('n\r');
        await robot.sees('cancelled; nothing changed');
      });
  },
);

test.serial('fleet › one that is not there holds up nothing, and its line says why', async (t) => {
  const gone = ['--socket', `gone=${daemon.folder}/no.sock`];
  const command = programCommand('ddns-tui', ...gone, ...named('here', daemon));
  await withTerminal({ columns: 160, rows: 24 }, async (robot) => {
    await robot.run(command);
    await robot.sees('2 name servers, 1 live', 'keys act on gone', 'not there', 'no.sock');
    robot.type(']2');
    await robot.sees(' here ', '0 hosts');
    robot.type('q');
    await robot.sees('shell>');
    await robot.run([
      ...programCommand('ddns-tui', 'status', '--plain'),
      ...gone,
      ...named('here', daemon),
    ]);
    await robot.sees('name', 'not there', 'here  live');
    await robot.run([
      ...programCommand('ddns-tui', 'hosts', '--plain'),
      ...gone,
      ...named('here', daemon),
    ]);
    const screen = await robot.sees('this command is for one name server');
    t.truthy(screen);
  });
});
