// nats-server, which passes messages on and keeps nothing.
import type { Peer } from './peer.ts';

export const nats: Peer = {
  name: 'nats-server',
  program: 'nats-server',
  version: { args: ['--version'], pattern: /v(\d\S*)/ },
  stored: 'never',
  works: { store: { exchange: { name: 'natsPublish' }, about: 'PUB of a record, verbose' } },
  isKeptOpen: true,
  fill: null,
  command: async (_folder, port) => ['nats-server', '--addr', '127.0.0.1', '--port', String(port)],
};
