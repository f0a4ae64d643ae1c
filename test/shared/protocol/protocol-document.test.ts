import { readFileSync } from 'node:fs';
import test from 'ava';
import { native } from '../../../shared/protocol/dialect.ts';
import * as limits from '../../../shared/protocol/limits.ts';
import { errorCodes } from '../../../shared/protocol/message.ts';
import { decode, feedReplies } from './wire.ts';

const document = readFileSync(
  new URL('../../../shared/protocol/PROTOCOL.md', import.meta.url),
  'utf8',
);

/** The cells of the table rows below the heading `title`, code marks taken off. */
function tableUnder(title: string): string[][] {
  const section = document.split(/^#+ /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
  );
}

test('protocol document › its limits are those of the code', (t) => {
  const documented = tableUnder('Limits').map(([name, value]) => [name, Number(value)]);
  t.deepEqual(Object.fromEntries(documented), { ...limits });
});

test('protocol document › its error codes are those of the code', (t) => {
  t.deepEqual(
    tableUnder('Errors').map(([code]) => code),
    [...errorCodes],
  );
});

test('protocol document › the requests it shows are read, and the replies too', (t) => {
  const sent = [...document.matchAll(/printf '([^']+)'/g)].map(([, text]) =>
    (text as string).replaceAll('\\n', '\n'),
  );
  t.true(sent.length >= 7);
  for (const text of sent.filter((line) => /^[a-z]/.test(line) && !line.includes('70000')))
    t.deepEqual(
      decode(native, text).filter((outcome) => 'code' in outcome),
      [],
      text,
    );
  const shown = [...document.matchAll(/^ {4}((?:hosts|gone|end|ok|pong|error)\b.*)$/gm)];
  t.true(shown.length >= 10);
  const feed = feedReplies();
  for (const [, line] of shown) feed.push(`${line}\n`);
  t.is(feed.refusals, 0, JSON.stringify(feed.outcomes.at(-1)));
  t.is(feed.outcomes.length, shown.length);
});
