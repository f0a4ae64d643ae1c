// Labels of node ids: what DNS can carry stays as it is, anything else has a hashed label.
import test from 'ava';
import { labelOf } from '../../../../shared/protocol/dns/node-label.ts';

const plain: [id: string, label: string][] = [
  ['5f0c7a52-6e1b-4c1c-9a55-0f6f0f6d3b1e', '5f0c7a52-6e1b-4c1c-9a55-0f6f0f6d3b1e'],
  ['5F0C7A52-6E1B-4C1C-9A55-0F6F0F6D3B1E', '5f0c7a52-6e1b-4c1c-9a55-0f6f0f6d3b1e'],
  ['n', 'n'],
  ['a'.repeat(63), 'a'.repeat(63)],
  ['ns', 'ns'],
  ['ns1a', 'ns1a'],
  ['xy', 'xy'],
];

for (const [id, label] of plain)
  test(`node label › ${id} is ${id === label ? 'its own label' : 'one in lower case'}`, (t) => {
    t.is(labelOf(id), label);
  });

for (const id of [
  'a'.repeat(64),
  'a.b',
  '_status',
  'a_b',
  '-a',
  'a-',
  'x-a',
  'X-a',
  'xn--a',
  'ns1',
  'NS12',
])
  test(`node label › ${id} has a hashed label`, (t) => {
    const label = labelOf(id);
    t.regex(label, /^x-[a-z2-7]{24}$/);
    t.is(labelOf(id), label);
    t.not(labelOf(`${id.slice(0, -1)}${id.endsWith('z') ? 'y' : 'z'}_`), label);
  });

test('node label › a hashed label is base 32 of the first 120 bits of SHA-256', (t) => {
  // printf a.b | sha256sum | xxd -r -p | head -c 15 | base32, in lower case.
  t.is(labelOf('a.b'), 'x-fzztnxeoxkd66rzn6vumgvec');
});

test('node label › no id has the hashed label of another one', (t) => {
  const label = labelOf('a.b');
  t.not(labelOf(label), label);
});
