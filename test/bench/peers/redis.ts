// redis with its append-only file written to the disk once a second, as it is usually run.
import type { Peer } from './peer.ts';

export const redis: Peer = {
  name: 'redis',
  program: 'redis-server',
  version: { args: ['--version'], pattern: /v=(\S+)/ },
  stored: 'within a second',
  works: {
    store: { exchange: { name: 'redisStore' }, about: 'HSET of a record' },
    list: {
      exchange: { name: 'redisList' },
      about: 'HSET of a record, SADD of its address, SRANDMEMBER of 50',
    },
  },
  isKeptOpen: true,
  fill: { name: 'redisFill' },
  command: async (folder, port) => [
    'redis-server',
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
    ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
  ],
};
