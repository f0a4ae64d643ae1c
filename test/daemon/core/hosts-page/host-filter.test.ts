import test from 'ava';
import fc from 'fast-check';
import { createHostFilter } from '../../../../daemon/core/hosts-page/host-filter.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { recordsOf, register, rowsOf, standingsOf } from '../../../fixture/registry.ts';

const uuid = '01234567-89ab-4cde-8f01-23456789abcd';

const hosts: [address: string, nodeId: string][] = [
  ['10.0.0.1:4000', uuid],
  ['10.0.0.2:4001', uuid.toUpperCase()],
  ['192.0.2.10:4524', 'Berlin-01'],
  ['[2001:db8::a]:4000', 'x.y_z'],
  ['[::1]:80', '00000000-0000-0000-0000-00000000beef'],
];

function createRegistry(): Registry {
  const registry = new Registry({ maxHosts: 10 });
  for (const [address, nodeId] of hosts) register(registry, address, { nodeId });
  return registry;
}

const standings = {
  '10.0.0.2:4001': 'due',
  '192.0.2.10:4524': 'suspect',
  '[::1]:80': 'condemned',
} as const;

const stateTexts: Readonly<Record<string, string>> = {
  live: 'live',
  due: 'due',
  suspect: 'suspect not answering',
  condemned: 'condemned to be deleted',
};

function matched(text: string): string[] {
  const registry = createRegistry();
  const filter = createHostFilter(registry, standingsOf(registry, standings), text) ?? (() => true);
  return rowsOf(registry.live)
    .filter(filter)
    .map((row) => registry.record(row).address);
}

/** The filter as a search in texts. */
function expected(text: string): string[] {
  const words = text.toLowerCase().split(/\s+/);
  return recordsOf(createRegistry(), createRegistry().live)
    .filter(({ address, nodeId }) =>
      words.every((word) => {
        const bare = word.replace(/^!/, '');
        if (bare === '') return true;
        const state = stateTexts[(standings as Record<string, string>)[address] ?? 'live'] ?? '';
        const namesState = !/^[0-9a-f-]+$/.test(bare) && state.includes(bare);
        const occurs = namesState || address.includes(bare) || nodeId.toLowerCase().includes(bare);
        return occurs !== word.startsWith('!');
      }),
    )
    .map(({ address }) => address);
}

test('host filter › every word must occur in the address or the node id', (t) => {
  const all = hosts.map(([address]) => address);
  const table: [text: string, addresses: string[]][] = [
    ['', all],
    ['   ', all],
    ['!', all],
    ['4000', ['10.0.0.1:4000', '[2001:db8::a]:4000']],
    ['10.0.0 4001', ['10.0.0.2:4001']],
    ['89AB-4cde', ['10.0.0.1:4000', '10.0.0.2:4001']],
    ['berlin', ['192.0.2.10:4524']],
    ['BERLIN 4524', ['192.0.2.10:4524']],
    ['[2001:DB8', ['[2001:db8::a]:4000']],
    [']:80', ['[::1]:80']],
    ['beef', ['[::1]:80']],
    ['x.y_z', ['[2001:db8::a]:4000']],
    ['!4000 !beef', ['10.0.0.2:4001', '192.0.2.10:4524']],
    ['!x !berlin', ['10.0.0.1:4000', '10.0.0.2:4001', '[::1]:80']],
    ['nowhere', []],
    ['!nowhere', all],
    ['ü', []],
    ['10.0.0.1:4000x', []],
  ];
  for (const [text, addresses] of table) t.deepEqual(matched(text), addresses, text);
});

test('host filter › a state is found by its name on screen and in JSON', (t) => {
  const [live, due, suspect, other, condemned] = hosts.map(([address]) => address);
  const table: [text: string, addresses: (string | undefined)[]][] = [
    ['live', [live, other]],
    ['!live', [due, suspect, condemned]],
    ['Due', [due]],
    ['suspect', [suspect]],
    ['not answering', [suspect]],
    ['condemned', [condemned]],
    ['to be deleted', [condemned]],
    ['!live !due 4524', [suspect]],
    // Hexadecimal digits are looked for in addresses and UUIDs only.
    ['de', [live, due]],
  ];
  for (const [text, addresses] of table) t.deepEqual(matched(text), addresses as string[], text);
});

test('host filter › it matches the same hosts as a search in their texts', (t) => {
  const pieces = [...hosts.flat(), ...Object.values(stateTexts)];
  const anyWord = fc.oneof(
    fc
      .tuple(fc.constantFrom(...pieces), fc.nat(40), fc.integer({ min: 1, max: 8 }))
      .map(([piece, from, length]) =>
        piece.slice(from % piece.length, (from % piece.length) + length),
      ),
    fc.stringMatching(/^[0-9a-zA-Z.:_[\]!-]{0,4}$/),
    fc.string({ maxLength: 3 }),
  );
  const anyText = fc
    .array(fc.tuple(fc.boolean(), anyWord), { maxLength: 4 })
    .map((words) => words.map(([isExcluded, word]) => (isExcluded ? `!${word}` : word)).join(' '));
  fc.assert(
    fc.property(anyText, (text) => matched(text).join() === expected(text).join()),
    { numRuns: 1_000 },
  );
  t.pass();
});
