// What is changed in Ink when it is bundled makes it sooner, and nothing else: frame for frame, it draws what Ink draws.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
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
}

const contents = `
  export { default as Output } from './output.js';
  export { default as sanitizeAnsi } from './sanitize-ansi.js';`;

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
    return output.get();
  };
  fc.assert(
    fc.property(frames, fc.boolean(), (drawn, isClipped) => {
      for (const writes of drawn)
        t.deepEqual(draw(changed, writes, isClipped), draw(ink, writes, isClipped));
    }),
    { numRuns: 300 },
  );
});
