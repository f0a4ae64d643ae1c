// ddnsd beside servers of others that do a comparable job, each at the works that it can do: keeping a
// record with a short answer, and keeping a record with an answer of 50 others. All have 10,000 hosts.
import { freePort } from '../../fixture/free-port.ts';
import { type Contender, compare, type JobLoad } from '../comparison.ts';
import { comparisonTable } from '../comparison-table.ts';
import { bareContender, ddnsdContender } from '../contenders.ts';
import { seededFolder } from '../ddnsd-server.ts';
import type { ExchangeChoice } from '../exchanges/exchanges.ts';
import {
  connectionEach,
  connectionEachTitle,
  keptOpen,
  keptOpenTitle,
  loadHosts,
} from '../jobs.ts';
import { keptFolder } from '../kept.ts';
import { startMeasured } from '../measured-server.ts';
import { bittorrentTracker } from '../peers/bittorrent-tracker.ts';
import { etcd } from '../peers/etcd.ts';
import { named } from '../peers/named.ts';
import { nats } from '../peers/nats.ts';
import { opentracker } from '../peers/opentracker.ts';
import { findVersion, type Peer, peerHosts, type Work } from '../peers/peer.ts';
import { redis } from '../peers/redis.ts';
import type { Table } from '../table.ts';
import type { Part } from './part.ts';

const known: readonly Peer[] = [redis, opentracker, nats, etcd, named, bittorrentTracker];

/** Length of ddnsd's answers: `ok`, and a list of 50 hosts. */
const answerBytes: Record<Work, number> = { store: 3, list: 1_000 };

const workTitles: Record<Work, string> = {
  store: 'a record is kept, the answer is short',
  list: 'a record is kept, the answer has 50 others',
};

/** For caches and buffers: the other servers were compiled before. */
const nativeWarmUpSeconds = 1;

const ways = [
  { way: 'each', title: connectionEachTitle },
  { way: 'kept', title: keptOpenTitle },
] as const;

/** What a contender does for a work, and when that is on the disk. */
interface Does {
  about: string;
  stored: string;
}

export const peers: Part = {
  name: 'peers',
  about: 'ddnsd beside redis, opentracker, nats-server, etcd, bind9 and bittorrent-tracker',
  minutes: 8,
  measure: async ({ builds, ...pace }) => {
    const does = new Map<Contender, Partial<Record<Work, Does>>>();
    const works = Object.keys(workTitles) as Work[];
    const bares = {} as Record<Work, Contender>;
    for (const work of works) {
      const bytes = answerBytes[work];
      const exchange = { name: 'bare', argument: String(bytes) } as const;
      bares[work] = bareContender(bytes, jobsFor(work, exchange, true));
      does.set(bares[work], { [work]: { about: 'a line for a line', stored: 'never' } });
    }
    for (const build of builds)
      for (const threads of [1, 2]) {
        const folder = await seededFolder(build, peerHosts, loadHosts);
        const jobs = {
          ...jobsFor('store', { name: 'alive' }, true),
          ...jobsFor('list', { name: 'query', argument: 'limit=50' }, true),
        };
        const contender = ddnsdContender(`Threads=${threads}`, { build, folder, threads }, jobs);
        const stored = 'before the answer';
        does.set(contender, {
          store: { about: '`alive`', stored },
          list: { about: '`query`, limit=50', stored },
        });
      }
    const missing: string[] = [];
    for (const peer of known) {
      const version = findVersion(peer);
      if (version === null) {
        missing.push(peer.name);
        continue;
      }
      const { works, stored } = peer;
      does.set(
        peerContender(peer, version),
        Object.fromEntries(
          Object.entries(works).map(([work, { about }]) => [work, { about, stored }]),
        ),
      );
    }
    const compared = await compare([...does.keys()], pace);
    const tables: Table[] = [];
    for (const work of works)
      for (const { way, title } of ways)
        tables.push(
          comparisonTable(compared, {
            title: `${workTitles[work]}: ${title}`,
            job: jobName(work, way),
            ratio: 'of bare',
            yardstick: (contender) => (contender === bares[work] ? null : bares[work]),
            columns: {
              heads: ['work', 'on the disk'],
              of: (contender) => {
                const { about = '', stored = '' } = does.get(contender)?.[work] ?? {};
                return [about, stored];
              },
            },
          }),
        );
    if (missing.length > 0)
      tables[0] = { ...(tables[0] as Table), notes: [`Not on PATH: ${missing.join(', ')}.`] };
    return tables;
  },
};

function peerContender(peer: Peer, version: string): Contender {
  const jobs = Object.entries(peer.works).map(([work, { exchange }]) =>
    jobsFor(work as Work, exchange, peer.isKeptOpen),
  );
  const { fill, isKeptOpen } = peer;
  const filling = fill && (isKeptOpen ? keptOpen : connectionEach)(fill, peerHosts);
  return {
    name: `${peer.name} ${version}`,
    start: async () => {
      const folder = keptFolder();
      const port = await freePort();
      return startMeasured({ command: await peer.command(folder, port), port, folder });
    },
    jobs: Object.assign({}, ...jobs),
    ...(peer.compilesAsItRuns !== true && { warmUpSeconds: nativeWarmUpSeconds }),
    ...(filling && { fill: { ...filling, requests: peerHosts } }),
  };
}

function jobsFor(
  work: Work,
  exchange: ExchangeChoice,
  isKeptOpen: boolean,
): Record<string, JobLoad> {
  return {
    [jobName(work, 'each')]: connectionEach(exchange),
    ...(isKeptOpen && { [jobName(work, 'kept')]: keptOpen(exchange) }),
  };
}

function jobName(work: Work, way: 'each' | 'kept'): string {
  return `${work}, ${way}`;
}
