// What is changed in Ink when it is bundled makes it sooner, and nothing else: frame for frame, it draws what Ink draws.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import xterm from '@xterm/headless';
import test from 'ava';
import { build, type Plugin } from 'esbuild';
import fc from 'fast-check';
import { makeFolder } from '../../fixture/temp-folder.ts';

const { changedInk } = createRequire(import.meta.url)('../../../shared/build/changed-ink.js') as {
  changedInk: Plugin;
};

interface Write {
  x: number;
  y: number;
  text: string;
}

interface InkOutput {
  new (size: {
    width: number;
    height: number;
  }): {
    write(x: number, y: number, text: string, options: { transformers: [] }): void;
    clip(clip: { x1: number; x2: number; y1: number; y2: number }): void;
    get(): { output: string; height: number };
  };
}

interface Drawing {
  Output: InkOutput;
  sanitizeAnsi(text: string): string;
  lineUpdate(previous: string, next: string, columns: number): string;
}

const contents = `
  export { default as Output } from './output.js';
  export { default as sanitizeAnsi } from './sanitize-ansi.js';
  export { default as lineUpdate } from './line-update.js';`;

async function load(folder: string, name: string, plugins: Plugin[]) {
  const outfile = join(folder, `${name}.mjs`);
  const resolveDir = join('node_modules', 'ink', 'build');
  await build({
    ...{ stdin: { contents, resolveDir }, outfile, plugins },
    ...{ bundle: true, platform: 'node', format: 'esm', logLevel: 'error' },
  });
  return (await import(pathToFileURL(outfile).href)) as Drawing;
}

const esc = '\u001b';
const piece = fc.constantFrom(
  ...[
    'host',
    ' ',
    'a\nb',
    'é',
    'e\u0301',
    '漢字',
    '👩‍👩‍👧',
    '\u00ad',
    '\u200b',
    '\u0007',
    '█',
    '▂▃',
  ],
  ...[`${esc}[31m`, `${esc}[1;38;5;12m`, `${esc}[0m`, `${esc}[2K`, `${esc}]8;;u${esc}\\`],
);
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
const write: fc.Arbitrary<Write> = fc.record({
  x: fc.integer({ min: 0, max: 12 }),
  y: fc.integer({ min: 0, max: 5 }),
  text,
});
/** Styles that begin or end at the same place may do so in any order. */
const begins = `${esc}\\[(?:1|31|38;5;12)m|${esc}\\]8;;u${esc}\\\\`;
const ends = `${esc}\\[(?:22|39)m|${esc}\\]8;;${esc}\\\\`;
const inOneOrder = (output: string) =>
  [begins, ends].reduce(
    (text, codes) =>
      text.replace(new RegExp(`(?:${codes}){2,}`, 'g'), (run) =>
        (run.match(new RegExp(codes, 'g')) ?? []).toSorted().join(''),
      ),
    output,
  );
/** Frames of few texts, so that most of one were in the one before. */
const frames = fc
  .array(write, { minLength: 1, maxLength: 8 })
  .chain((writes) => fc.array(fc.subarray(writes), { minLength: 2, maxLength: 5 }));

test('changed Ink › each of several frames is what Ink draws, clipped or not', async (t) => {
  const folder = makeFolder(t);
  const [ink, changed] = await Promise.all([
    load(folder, 'ink', []),
    load(folder, 'changed', [changedInk]),
  ]);
  const draw = (
    { Output, sanitizeAnsi }: Drawing,
    writes: readonly Write[],
    isClipped: boolean,
  ) => {
    const output = new Output({ width: 16, height: 5 });
    if (isClipped) output.clip({ x1: 1, x2: 9, y1: 1, y2: 4 });
    for (const each of writes)
      output.write(each.x, each.y, sanitizeAnsi(each.text), { transformers: [] });
    const { output: drawn, height } = output.get();
    return { output: inOneOrder(drawn), height };
  };
  fc.assert(
    fc.property(frames, fc.boolean(), (drawn, isClipped) => {
      for (const writes of drawn)
        t.deepEqual(draw(changed, writes, isClipped), draw(ink, writes, isClipped));
    }),
    { numRuns: 300 },
  );
});

/** Styles as they stand in a frame, each with its end, some inside others. */
const styled = (text: string, open: string, close: string) =>
  `${esc}[${open}m${text}${esc}[${close}m`;
const label = (text: string) => styled(text, '38;5;248', '39');
const styledText = fc.letrec<{ line: string; part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom('a', 'b', ' ', '12', '█', ' '.repeat(8)),
    fc
      .tuple(
        fc.constantFrom(['1', '22'], ['31', '39'], ['38;5;248', '39'], ['7', '27'], ['44', '49']),
        tie('line'),
      )
      .map(([[open = '', close = ''], text]) => styled(text, open, close)),
  ),
  line: fc.array(tie('part'), { maxLength: 6 }).map((parts) => parts.join('')),
}));

/** More than any of those lines has. */
const columns = 800;

/** What each cell of a terminal shows after `writes`. */
async function cellsAfter(...writes: readonly string[]): Promise<unknown[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows: 1, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(writes.join(''), resolve));
  const line = terminal.buffer.active.getLine(0);
  const cells = Array.from({ length: columns }, (_, x) => {
    const cell = line?.getCell(x);
    const character = cell?.getChars() || ' ';
    const onBlank = [character, cell?.isInverse(), cell?.getBgColor()];
    // The colour of a blank shows where it is inverse.
    const isBlank = character === ' ' && !cell?.isInverse();
    return isBlank ? onBlank : [...onBlank, cell?.getFgColor(), cell?.isBold()];
  });
  terminal.dispose();
  return cells;
}

test('changed Ink › a line that changed is written in the styles of what changed, without those before it', async (t) => {
  const { lineUpdate } = await load(makeFolder(t), 'changed', [changedInk]);
  const line = (value: string) => `${label('queries')} ${label('of')} ${styled(value, '1', '22')}`;
  const update = lineUpdate(line('12'), line('13'), 80);
  t.is(update, `${esc}[13G${esc}[K${esc}[1m3${esc}[22m`);
});

test('changed Ink › blanks are left out of a line, unless they show', async (t) => {
  const { lineUpdate } = await load(makeFolder(t), 'changed', [changedInk]);
  const blanks = ' '.repeat(20);
  const update = (end: string) => lineUpdate(`ab${end}`, `ac${end}`, 80);
  t.is(update(`${blanks}d`), `${esc}[2G${esc}[Kc${esc}[20Cd`);
  const bar = styled(blanks, '7', '27');
  t.is(update(`${bar}d`), `${esc}[2G${esc}[Kc${bar}d`);
});

test('changed Ink › a line is the same whether it was written whole or over the one before', async (t) => {
  const { lineUpdate } = await load(makeFolder(t), 'changed', [changedInk]);
  const { line } = styledText;
  await fc.assert(
    fc.asyncProperty(line, line, line, async (start, before, after) => {
      const [previous, next] = [label(start) + before, label(start) + after];
      if (previous !== next)
        t.deepEqual(
          await cellsAfter(previous, lineUpdate(previous, next, columns)),
          await cellsAfter(next),
        );
    }),
  );
});
