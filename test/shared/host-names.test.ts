import test from 'ava';
import { HostNames, type Lookup } from '../../shared/host-names.ts';

function failing(code: string): Lookup {
  return () => Promise.reject(Object.assign(new Error('no'), { code }));
}

test('host names › an address is its own, and no name is looked up', async (t) => {
  const names = new HostNames(failing('ENOTFOUND'));
  t.deepEqual(await names.resolve('10.0.0.1:4524'), ['10.0.0.1:4524']);
  t.deepEqual(await names.resolve('[2001:db8::1]:1'), ['[2001:db8::1]:1']);
});

test('host names › a name has all of its addresses, of both families, each once', async (t) => {
  const names = new HostNames(async (name) => {
    t.is(name, 'ns2.example.org');
    return [
      { address: '2001:db8:0::2', family: 6 },
      { address: '192.0.2.2', family: 4 },
      { address: 'fe80::1%eth0', family: 6 },
      { address: '192.0.2.2', family: 4 },
    ];
  });
  t.deepEqual(await names.resolve('ns2.example.org:4000'), [
    '[2001:db8::2]:4000',
    '192.0.2.2:4000',
  ]);
});

test('host names › localhost is this machine', async (t) => {
  const found = await new HostNames().resolve('localhost:4524');
  t.true(found.some((address) => ['127.0.0.1:4524', '[::1]:4524'].includes(address)));
});

test('host names › a name that does not resolve is named, with why', async (t) => {
  const resolve = (lookup: Lookup, timeoutMs?: number) =>
    t.throwsAsync(new HostNames(lookup, timeoutMs).resolve('nowhere.example:1'), {
      name: 'HostNameError',
    });
  const text = (why: string) =>
    `has a name that does not resolve (${why}): check nowhere.example, and what this machine resolves it to (getent ahosts nowhere.example)`;
  t.is((await resolve(failing('ENOTFOUND')))?.message, text('ENOTFOUND'));
  t.is((await resolve(async () => []))?.message, text('no address'));
  // A look-up of the system keeps the process running, and the limit does not.
  const underWay = setInterval(() => {}, 60_000);
  t.teardown(() => clearInterval(underWay));
  t.is((await resolve(() => new Promise(() => {}), 1))?.message, text('no answer'));
});

test('host names › a few are looked up at once, the same name once, and each again the next time', async (t) => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const names = new HostNames((name) => {
    asked.push(name);
    return new Promise((resolve) => {
      answers.push(() => resolve([{ address: '192.0.2.1', family: 4 }]));
    });
  });
  const first = ['a:1', 'b:1', 'a:2', 'c:1'].map((server) => names.resolve(server));
  await Promise.resolve();
  t.deepEqual(asked, ['a', 'b'], 'a thread each');
  answers[0]?.();
  t.deepEqual(await first[0], ['192.0.2.1:1']);
  t.deepEqual(await first[2], ['192.0.2.1:2']);
  t.deepEqual(asked, ['a', 'b', 'c']);
  for (const answer of answers.splice(1)) answer();
  await Promise.all(first);
  const again = names.resolve('a:1');
  await Promise.resolve();
  t.deepEqual(asked, ['a', 'b', 'c', 'a']);
  answers.at(-1)?.();
  await again;
});
