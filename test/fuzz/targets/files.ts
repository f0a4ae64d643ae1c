// What is read from disk: configuration that people write, the list of a node, records of the database.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeContacts } from '../../../daemon/store/contacts.ts';
import { HostLines } from '../../../daemon/store/host-rows.ts';
import { checkOf, PackedHosts, packHost } from '../../../daemon/store/packed-host.ts';
import {
  decodeConf,
  findSettings,
  formatConf,
  parseConf,
  setValue,
  unsetValue,
} from '../../../shared/config/conf-file.ts';
import { settingDefinitions } from '../../../shared/config/settings.ts';
import { readStartup, validateConf } from '../../../shared/config/validate.ts';
import { KnownHostsFile } from '../../../shared/node/known-hosts-file.ts';
import { formatAddress, parseAddress } from '../../../shared/protocol/address.ts';
import type { Target } from '../target.ts';

const platform = 'linux';

const ddnsConf: Target = {
  name: 'ddns-conf',
  seeds: [
    '# a name server\nDomain=2\nService=1 # stream\nPort = 4524\r\nBacklog=100\n',
    '\ufeffInterface=::\nDomain=10\nNameServers=10.0.0.1:4524,[2001:db8::1]:4524\nSecret=0123456789abcdef0123\n',
    'Database=hosts.db\nSocket=/run/ddnsd/ddnsd.sock\n#LogLevel=info\n',
    'Zone=dynamo.\nDnsPort=none\nTTL=60m\n',
  ].map((text) => Buffer.from(text)),
  words: [
    ...settingDefinitions.map(({ name }) => `\n${name}=`),
    '=',
    '#',
    ' # ',
    '\r\n',
    '\0',
    '\ufeff',
    'none',
    '60m',
    '::',
  ],
  mostBytes: 2_048,
  run(input) {
    const { text, problems } = decodeConf(input);
    const document = parseConf(text);
    assert.equal(formatConf(document), text, 'not the text it was parsed from');
    const checked = validateConf(
      document,
      { file: '/etc/dynamo/DDNS/ddns.conf', platform },
      problems,
    );
    assert.equal(checked.settings === null, checked.problems.length > 0);
    for (const { message } of checked.problems)
      assert(message.length < 500 + text.length, 'a message without end');
    const changed = setValue(document, 'Backlog', '7');
    assert.equal(findSettings(changed, 'Backlog').at(-1)?.setting.value, '7', 'not set');
    assert.equal(formatConf(parseConf(formatConf(changed))), formatConf(changed));
    assert.equal(findSettings(unsetValue(document, 'Backlog'), 'Backlog').length, 0, 'not unset');
  },
};

const startup: Target = {
  name: 'startup',
  seeds: [
    'DDNS_CONF_PATH=ddns.conf\n',
    '# where\nddns_conf_path = /etc/dynamo/DDNS/ddns.conf # here\r\n',
  ].map((text) => Buffer.from(text)),
  words: ['DDNS_CONF_PATH=', '=', '#', '\n', '\0', '../', '/'],
  mostBytes: 1_024,
  run(input) {
    const { text, problems } = decodeConf(input);
    const result = readStartup(
      text,
      { file: '/etc/dynamo/DDNS/startup.dycfg', platform },
      problems,
    );
    assert(result.conf !== null || result.problems.length > 0, 'neither a path nor a reason');
    if (result.conf !== null) assert(result.conf.file.startsWith('/'), 'not an absolute path');
  },
};

let folder: string | null = null;

/** One folder for all inputs, in memory where the machine has a place for that. */
function scratch(): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), 'ddns-fuzz-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}

const knownHosts: Target = {
  name: 'known-hosts',
  seeds: [
    '10.0.0.1:4000 name-server 1700000000000\n[2001:db8::1]:4000 node 5\n',
    '10.0.0.2:4000\n\n',
  ].map((text) => Buffer.from(text)),
  words: [
    ' name-server ',
    ' node ',
    '10.0.0.1:4000',
    '[::1]:1',
    '\n',
    '\r\n',
    ' ',
    '999999999999999',
    '\u2028',
  ],
  mostBytes: 1_024,
  async run(input) {
    const file = join(scratch(), 'known-hosts');
    rmSync(`${file}.bad`, { force: true });
    writeFileSync(file, input);
    const troubles: string[] = [];
    const kept = new KnownHostsFile(file, (text) => troubles.push(text));
    const hosts = await kept.read();
    for (const { address, namedAt } of hosts) {
      assert(parseAddress(address) !== null, 'not an address');
      assert(Number.isSafeInteger(namedAt) && namedAt >= 0, 'not a time');
    }
    await kept.write(() => hosts);
    const again = await new KnownHostsFile(file, (text) => troubles.push(text)).read();
    assert.deepEqual(again, hosts, 'not what was written');
    // Lines that are no hosts are kept aside, not lost.
    assert.equal(readdirSync(scratch()).includes('known-hosts.bad'), troubles.length > 0);
  },
};

const ownId = '5f0c7a52-6e1b-4c1c-9a55-0f6f0f6d3b1e';

function record(more: Partial<Parameters<typeof packHost>[0]>): Buffer {
  const host = {
    row: 1,
    words: Uint32Array.of(0, 0, 0xffff, 0x0a000001, 4_000),
    nodeId: Uint32Array.of(1, 2, 3, 4),
    state: 'live',
    isProved: true,
    hasLeft: false,
    dialect: 'native',
    firstSeen: 1_000,
    lastSeen: 2_000,
    change: 1,
    changedAt: 2_000,
    version: { ms: 2_000, counter: 0, server: ownId },
    entry: 1,
  } as const;
  return Buffer.from(packHost({ ...host, ...more }, ownId));
}

const records: Target = {
  name: 'records',
  seeds: [
    record({}),
    Buffer.concat([
      record({ nodeId: 'n7', dialect: 'udp' }),
      record({ row: 2, state: 'gone', version: { ms: 1, counter: 2, server: 'other' } }),
    ]),
  ],
  words: ['\0\0\0\0', '\xff\xff\xff\xff', '\x64\0', '\0\0\0\0\0\0\xf0\x7f'],
  mostBytes: 1_024,
  run(input) {
    // With a checksum that fits, so that what is behind it is reached.
    if (input.length >= 100) {
      const view = new DataView(input.buffer, input.byteOffset, input.length);
      const length = view.getUint16(8, true);
      if (length % 4 === 0 && length >= 8 && length <= input.length)
        view.setUint32(0, checkOf(view, 4, length), true);
    }
    const hosts = new PackedHosts(input, ownId);
    let read = 0;
    for (let host = hosts.next(); host !== null; host = hosts.next()) {
      read++;
      assert(typeof host.nodeId !== 'string' || host.nodeId.length <= input.length);
    }
    assert(read <= input.length / 100, 'more records than there is room for');
  },
};

const hostRows: Target = {
  name: 'host-rows',
  seeds: [
    '0 10.0.0.1:4000 123e4567-e89b-42d3-a456-426614174000 live native 1 0 5 6 7 8 9 0  1 99\n',
    '7 [2001:db8::1]:65535 n7 gone udp 0 1 5 6 7 8 1753600000000 4294967295 other 0 4294967295\n0 10.0.0.1:1 a live legacy 0 0 0 0 0 0 0 0  0 0\n',
  ].map((text) => Buffer.from(text)),
  words: [
    ' ',
    '\n',
    ' live ',
    ' gone ',
    ' native ',
    '10.0.0.1:4000',
    '[::1]:1',
    '9007199254740993',
  ],
  mostBytes: 1_024,
  run(input) {
    const lines = new HostLines(input, ownId);
    // Whatever it read, it is at the end after as many lines as there is room for.
    for (let left = input.length / 32; left > 0; left--) {
      const host = lines.next();
      if (host === null) return;
      assert(
        formatAddress(host.words, 0).length <= input.length,
        'longer than what it was read from',
      );
    }
  },
};

const contacts: Target = {
  name: 'contacts',
  seeds: ['[]', '[[0,[]],[12345,[[1,1753600000000],[2,1753600000000,1753600000000,1,9]]]]'].map(
    (text) => Buffer.from(text),
  ),
  words: ['[', ']', ',', 'null', '"length"', '{}', '1e400', '-1', '[[0,[]]]'],
  mostBytes: 1_024,
  run(input) {
    for (const contact of decodeContacts(input.toString('utf8')) ?? [])
      assert(contact.every(Number.isSafeInteger), `no contact: ${contact}`);
    // A damaged record leaves nothing in the checksum of the next one.
    assert.deepEqual(decodeContacts('[[0,[]]]'), []);
  },
};

export const fileTargets: readonly Target[] = [
  ddnsConf,
  startup,
  knownHosts,
  records,
  hostRows,
  contacts,
];
