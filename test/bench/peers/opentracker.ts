// opentracker, a tracker in C that keeps everything in memory.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { infoHash } from '../exchanges/announce.ts';
import type { Peer } from './peer.ts';

export const opentracker: Peer = {
  name: 'opentracker',
  program: 'opentracker',
  version: null,
  stored: 'never',
  works: {
    list: { exchange: { name: 'announceOnce' }, about: 'announce, numwant=50' },
  },
  isKeptOpen: false,
  fill: { name: 'announceOnce' },
  command: async (folder, port) => {
    // Started as root it becomes another user, who has to get in.
    chmodSync(folder, 0o755);
    const file = join(folder, 'opentracker.conf');
    // Debian's build serves only what is on a list, which is looked for in the root folder.
    const whitelist = 'whitelist';
    writeFileSync(join(folder, whitelist), `${Buffer.from(infoHash).toString('hex')}\n`);
    const lines = [
      `listen.tcp 127.0.0.1:${port}`,
      `tracker.rootdir ${folder}`,
      `access.whitelist ${whitelist}`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return ['opentracker', '-f', file];
  },
};
