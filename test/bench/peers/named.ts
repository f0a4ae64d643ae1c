// BIND's named with one zone, which dynamic updates change: every update is in the journal, and that on
// the disk, before it is answered.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zone } from '../exchanges/dns-update.ts';
import { type Peer, peerHosts } from './peer.ts';

export const named: Peer = {
  name: 'bind9 named',
  program: 'named',
  version: { args: ['-v'], pattern: /BIND (\S+)/ },
  stored: 'before the answer',
  works: {
    store: { exchange: { name: 'dnsUpdate' }, about: 'dynamic update of an address record' },
  },
  isKeptOpen: true,
  fill: null,
  command: async (folder, port) => {
    const file = join(folder, 'named.conf');
    writeFileSync(
      file,
      `options {
        directory "${folder}"; pid-file none; session-keyfile none; recursion no; notify no;
        listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
      };
      controls { };
      logging { category default { null; }; };
      zone "${zone}" { type primary; file "zone"; allow-update { 127.0.0.1; }; };\n`,
    );
    const hosts = Array.from({ length: peerHosts }, (_, host) => `h${host} A 10.0.0.1`);
    const head = ['$TTL 60', '@ SOA ns admin 1 3600 600 86400 60', '@ NS ns', 'ns A 127.0.0.1'];
    writeFileSync(join(folder, 'zone'), `${[...head, ...hosts].join('\n')}\n`);
    return ['named', '-f', '-c', file];
  },
};
