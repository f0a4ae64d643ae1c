import type { NetworkInterfaceInfo } from 'node:os';
import test from 'ava';
import { InterfaceWatch } from '../../../daemon/machine/interface-watch.ts';
import { startTestServer } from '../../fixture/name-server.ts';

function info(address: string): NetworkInterfaceInfo {
  return {
    ...{ address, netmask: '255.255.255.0', family: 'IPv4', mac: '00:00:00:00:00:00' },
    ...{ internal: false, cidr: null },
  } as NetworkInterfaceInfo;
}

/** What a watch of the interface eth9, bound to 10.0.0.1, says at each of the looks. */
function watched(looks: readonly string[][], wanted = 'eth9'): [string[], InterfaceWatch] {
  const said: string[] = [];
  const log = { warn: (text: string) => said.push(text), info: (text: string) => said.push(text) };
  let addresses: string[] = [];
  const watch = new InterfaceWatch({
    settings: { interface: wanted, domain: 2 },
    bindAddress: '10.0.0.1',
    interfaces: () => ({ eth9: addresses.map(info) }),
    log: log as never,
  });
  for (addresses of looks) watch.look();
  return [said, watch];
}

test('interface watch › an interface that gets another address is said once, with what to do', (t) => {
  const [said, watch] = watched([['10.0.0.1'], ['10.0.0.2'], ['10.0.0.2'], ['10.0.0.2']]);
  t.deepEqual(said, [
    'this machine has lost 10.0.0.1, the address this name server listens on: it cannot be reached. Interface eth9 now has 10.0.0.2; restart ddnsd to listen there',
  ]);
  t.deepEqual(watch.change, { name: 'Interface', from: '10.0.0.1', to: '10.0.0.2' });
});

test('interface watch › an address that is gone altogether is said, and that it is back', (t) => {
  for (const wanted of ['eth9', '10.0.0.1']) {
    const [said, watch] = watched([[], [], [], ['10.0.0.1'], ['10.0.0.1']], wanted);
    t.is(said.length, 2);
    t.regex(said[0] ?? '', /it cannot be reached; restore the address, or set another Interface/);
    t.is(said[1], 'this machine has its listening address 10.0.0.1 again');
    t.is(watch.change, null);
  }
});

test('interface watch › a lease that is renewed, and another address beside, are no news', (t) => {
  const [said] = watched([
    ['10.0.0.1'],
    [],
    ['10.0.0.1'],
    ['10.0.0.2', '10.0.0.1'],
    ['10.0.0.2', '10.0.0.1'],
  ]);
  t.deepEqual(said, []);
});

test('interface watch › one that listens on every address loses none', (t) => {
  const watch = new InterfaceWatch({
    settings: { interface: '0.0.0.0', domain: 2 },
    bindAddress: '0.0.0.0',
    interfaces: () => ({}),
    log: { warn: () => t.fail() } as never,
  });
  watch.look();
  watch.look();
  t.is(watch.change, null);
});

test('interface watch › the console shows that a restart is due, and a reload says so', async (t) => {
  let address = '127.0.0.1';
  const server = await startTestServer(t, {
    settings: { interface: 'eth9' },
    bindAddress: '127.0.0.1',
    interfaces: () => ({ eth9: [info(address)] }),
  });
  const console = await server.attach();
  t.deepEqual((await server.status()).config.restartNeeded, []);
  address = '10.0.0.2';
  await server.until(({ config }) => config.restartNeeded.includes('Interface'));
  t.deepEqual(await console.reload(), {
    changed: [],
    waiting: [{ name: 'Interface', from: '127.0.0.1', to: '10.0.0.2' }],
  });
  const said = server.logged.map(({ msg }) => String(msg));
  t.true(said.some((text) => /Interface eth9 now has 10\.0\.0\.2; restart ddnsd/.test(text)));
  t.true(said.some((text) => /^Interface changed from .* waits for a restart$/.test(text)));
  address = '127.0.0.1';
  await server.until(({ config }) => config.restartNeeded.length === 0);
});
