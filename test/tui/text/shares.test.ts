import test from 'ava';
import { namedShares, percent, sharesText } from '../../../tui/text/shares.ts';
import { fixedShares, fixedStatus } from '../fixture-data.ts';

const shared = fixedStatus({
  shares: fixedShares(),
  expiry: { ...fixedStatus().expiry, servers: 3 },
});

test('shares › this server is called so, the others by their addresses', (t) => {
  t.deepEqual(
    namedShares(shared).map(({ name, part }) => [name, percent(part)]),
    [
      ['this server', '33 %'],
      ['192.0.2.2:4524', '34 %'],
      ['192.0.2.3:4524', '33 %'],
    ],
  );
});

test('shares › a few of many are not none', (t) => {
  t.deepEqual([0, 0.0001, 0.0149, 0.999, 1].map(percent), [
    '0 %',
    '< 1 %',
    '1 %',
    '100 %',
    '100 %',
  ]);
});

test('shares › a count that is not complete says so, and before the first host nothing has a share', (t) => {
  const servers = fixedShares().servers.slice(0, 2);
  const early = { complete: false, servers: servers.map((each) => ({ ...each, hosts: 0 })) };
  const expiry = { ...fixedStatus().expiry, servers: 2 };
  t.is(
    sharesText(fixedStatus({ shares: early, expiry })),
    'split among 2 name servers (still counting): this server 0 (0 %), 192.0.2.2:4524 0 (0 %)',
  );
});

test('shares › an address from elsewhere cannot reach the terminal', (t) => {
  const [first, second] = fixedShares().servers as [object, { address: string }];
  const odd = { ...second, address: null, id: 'a\u001b[2Jb' };
  const status = fixedStatus({ shares: { complete: true, servers: [first, odd] as never } });
  t.is(namedShares(status)[1]?.name, 'a\\x1b[2Jb');
});
