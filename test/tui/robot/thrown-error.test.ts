// A console that fails while it draws: what it says is read, and the terminal is as before.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import {
  createMessageConnection,
  SocketMessageReader,
  SocketMessageWriter,
} from 'vscode-jsonrpc/node';
import { helloRequest, ipcProtocol } from '../../../shared/ipc/contract.ts';
import { type Status, subscribeRequest } from '../../../shared/ipc/status-contract.ts';
import { programCommand } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { openTerminal } from '../../robot/terminal.ts';
import { fixedNow, fixedStatus } from '../fixture-data.ts';

test('console › an error while it draws ends it, and gives the terminal back', async (t) => {
  const path = join(makeFolder(t), 'ddnsd.sock');
  // A real socket, and a name server whose status lacks what the Overview shows.
  const { server, backlog: _, ...status } = fixedStatus();
  const listener = createServer((socket) => {
    const rpc = createMessageConnection(
      new SocketMessageReader(socket),
      new SocketMessageWriter(socket),
    );
    rpc.onRequest(helloRequest, () => ({ protocol: ipcProtocol, server }));
    rpc.onRequest(subscribeRequest, () => ({
      at: fixedNow,
      status: { server, ...status } as Status,
      samples: [],
      hourSamples: [],
      activity: [],
      redirects: [],
    }));
    rpc.listen();
    socket.on('error', () => {});
  }).listen(path);
  t.teardown(() => listener.close());
  await once(listener, 'listening');
  const robot = await openTerminal({ columns: 100, rows: 30 });
  t.teardown(() => robot.close());
  await robot.run(programCommand('ddns-tui', '--socket', path));
  await robot.until('the error, below the shell', (screen) =>
    screen.some((line) => line.includes('TypeError')),
  );
  t.is(await robot.exitCode(), 1);
  t.is(robot.emulator.buffer.active.type, 'normal');
  t.true(robot.isCursorShown);
  t.false(robot.emulator.modes.bracketedPasteMode);
});
