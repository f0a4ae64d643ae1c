// The port of a node, over real sockets: whoever fills it must not keep out the name servers that ping it.
import test from 'ava';
import { listenTcp } from '../../../shared/node/network.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';

/** More than a node has connections at once. */
const crowd = 80;

test('tcp listener › a source that holds all its connections keeps no name server from pinging the node', async (t) => {
  const { port, close } = await listenTcp('127.0.0.1', 0, () => ({ kind: 'pong', id: 'me' }));
  t.teardown(close);
  const other = await TcpClient.open(port, { from: '127.0.0.4' });
  const silent: TcpClient[] = [];
  for (let index = 0; index < crowd; index++)
    silent.push(await TcpClient.open(port, { from: '127.0.0.2' }));
  t.is(await exchange(port, 'ping\n'.repeat(2), { from: '127.0.0.3' }), 'pong me\n'.repeat(2));
  t.is(await other.ask('ping\n'), 'pong me\n', 'one that came before keeps its connection');
  t.is(await silent[0]?.closed, '', 'the longest of the crowd gave way');
  for (const client of [other, ...silent]) client.destroy();
});
