// etcd alone, without a cluster: every put is on the disk before it is answered.
import { join } from 'node:path';
import { freePort } from '../../fixture/free-port.ts';
import type { Peer } from './peer.ts';

export const etcd: Peer = {
  name: 'etcd',
  program: 'etcd',
  version: { args: ['--version'], pattern: /Version: (\S+)/ },
  stored: 'before the answer',
  works: { store: { exchange: { name: 'etcdPut' }, about: 'put of a record, over gRPC' } },
  isKeptOpen: true,
  fill: { name: 'etcdPut' },
  command: async (folder, port) => {
    const client = `http://127.0.0.1:${port}`;
    const peer = `http://127.0.0.1:${await freePort()}`;
    return [
      'etcd',
      ...['--name', 'bench', '--data-dir', join(folder, 'data'), '--log-level', 'error'],
      ...['--logger', 'zap', '--listen-client-urls', client, '--advertise-client-urls', client],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', `bench=${peer}`],
    ];
  },
};
