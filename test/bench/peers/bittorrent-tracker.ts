// bittorrent-tracker, a tracker on Node that keeps everything in memory.
import type { Peer } from './peer.ts';

export const bittorrentTracker: Peer = {
  name: 'bittorrent-tracker',
  program: 'bittorrent-tracker',
  version: { args: ['--version'], pattern: /(\d+\.\d+\.\d+)/ },
  stored: 'never',
  works: {
    list: { exchange: { name: 'announce' }, about: 'announce, numwant=50' },
  },
  isKeptOpen: true,
  compilesAsItRuns: true,
  fill: { name: 'announce' },
  command: async (_folder, port) => [
    'bittorrent-tracker',
    ...['--port', String(port), '--http', '--http-hostname', '127.0.0.1', '--quiet'],
  ],
};
