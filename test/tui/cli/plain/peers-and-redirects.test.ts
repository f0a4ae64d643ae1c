import test from 'ava';
import { peersJson, peersPlain } from '../../../../tui/cli/plain/peers.ts';
import { redirectsJson, redirectsPlain } from '../../../../tui/cli/plain/redirects.ts';
import { utc } from '../../../../tui/text/format.ts';
import {
  fixedNow,
  fixedPeers,
  fixedRedirects,
  fixedShares,
  fixedStatus,
  fixedTotals,
} from '../../fixture-data.ts';

const of = (peers = fixedPeers()) => ({ ...fixedStatus(), peers, shares: fixedShares() });

test('plain peers › JSON is one array with the members that scripts rely on, in their order', (t) => {
  t.is(
    peersJson(of(fixedPeers().slice(0, 1)), ''),
    '[{"address":"192.0.2.2:4524","id":"b1b3a7f2c40e4d11","state":"alive","roundTripMs":0.42,"lagMs":0,"load":{"backlog":7,"limit":100,"live":1234},"lag":0,"clockMs":3,"sharesWork":true,"encrypted":true,"trouble":null,"version":"1.2.3","pings":425,"last":null}]\n',
  );
  t.is(peersJson(of([]), ''), '[]\n');
  const [silent] = JSON.parse(peersJson(of(), 'suspect'));
  t.like(silent, { roundTripMs: null, clockMs: null, load: null });
  t.like(silent.last, { at: new Date(fixedNow - 7_000).toISOString(), roundTripMs: 18.3 });
});

test('plain peers › text is aligned, and ends with what to do about plain sync', (t) => {
  t.is(
    peersPlain(of(), '', fixedNow, utc),
    [
      'ADDRESS         ID                STATE         ROUND TRIP  LAG    LAG TIME  CLOCK  BACKLOG   HOSTS  PINGS  VERSION  SYNC       LAST HEARD, UTC      TROUBLE',
      '192.0.2.2:4524  b1b3a7f2c40e4d11  alive         0.4 ms      0      -         +3 ms  7 of 100  1,234  34 %   1.2.3    encrypted  -                    -',
      '192.0.2.3:4524  77c0de1584aa90fe  suspect 7 s   -           1,204  6 s       -      -         -      33 %   -        plain      2026-05-01 11:59:53  -',
      '192.0.2.4:4524  -                 connecting !  -           -      -         -      -         -      -      -        -          -                    it says not-a-peer: 192.0.2.1 is not in NameServers there; add it to its ddns.conf',
      'sync is unencrypted: set Secret in ddns.conf',
      '',
    ].join('\n'),
  );
});

test('plain peers › without any it says so and what to do', (t) => {
  t.is(
    peersPlain(of([]), '', fixedNow, utc),
    'no peers configured; list them under NameServers in ddns.conf\n',
  );
});

const redirects = { ...fixedTotals, recent: fixedRedirects(5) };
const status = { ...fixedStatus(), peers: fixedPeers() };

test('plain redirects › JSON has the totals, the mode and the latest redirects, newest first', (t) => {
  const parsed = JSON.parse(redirectsJson({ redirects, status, filter: '', limit: 2, zone: utc }));
  t.deepEqual(parsed, {
    total: 1_039,
    targets: fixedTotals.targets,
    recent: redirects.recent
      .slice(-2)
      .reverse()
      .map(({ at, asker, dialect, to, why }) => ({
        at: new Date(at).toISOString(),
        asker,
        dialect,
        to,
        why,
      })),
    mode: 'load',
    to: null,
    since: new Date(status.redirecting.since).toISOString(),
    isLoaded: false,
  });
  t.is(
    JSON.parse(redirectsJson({ redirects, status, filter: '', limit: null, zone: utc })).recent
      .length,
    5,
  );
});

test('plain redirects › text has the mode, the totals and the latest redirects', (t) => {
  t.is(
    redirectsPlain({ redirects, status, filter: '', limit: 2, zone: utc }),
    [
      '1,039 redirects since start',
      'redirects only when the backlog fills',
      '',
      'TARGET          COUNT',
      '192.0.2.2:4524  812',
      '192.0.2.3:4524  227',
      '',
      'TIME, UTC            SOURCE              DIALECT  TARGET          REASON',
      '2026-05-01 11:59:53  198.51.100.5:40004  native   192.0.2.2:4524  load',
      '2026-05-01 11:59:46  198.51.100.4:40003  legacy   192.0.2.3:4524  load',
      '',
    ].join('\n'),
  );
});

test('plain redirects › without other name servers it says what to do', (t) => {
  t.is(
    redirectsPlain({
      redirects: { total: 0, targets: [], recent: [] },
      status: fixedStatus(),
      filter: '',
      limit: null,
      zone: utc,
    }),
    '0 redirects since start\nredirects only when the backlog fills\nno peers configured; list them under NameServers in ddns.conf\n',
  );
});

test('plain peers › a filter leaves those that match', (t) => {
  const addresses = (filter: string) =>
    JSON.parse(peersJson(of(), filter)).map((peer: { address: string }) => peer.address);
  t.deepEqual(addresses('suspect'), ['192.0.2.3:4524']);
  t.deepEqual(addresses('!suspect !alive'), ['192.0.2.4:4524']);
  t.deepEqual(addresses('nothing'), []);
  t.is(peersPlain(of(), 'nothing', fixedNow, utc), 'no peer matches nothing\n');
  t.false(peersPlain(of(), 'alive', fixedNow, utc).includes('192.0.2.3'));
});

test('plain redirects › a filter looks at the latest redirects, the limit at what it leaves', (t) => {
  const printed = { redirects, status, filter: 'legacy', limit: 1, zone: utc };
  const { recent, total } = JSON.parse(redirectsJson(printed));
  t.deepEqual(
    recent.map(({ dialect }: { dialect: string }) => dialect),
    ['legacy'],
  );
  t.is(total, 1_039);
  t.false(redirectsPlain(printed).includes('native'));
});
