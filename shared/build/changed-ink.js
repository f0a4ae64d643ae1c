// What is changed in Ink's files when they are bundled. The build fails when an update of Ink has other text there.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** With DEV=true in the environment, which is not meant for us, it would warn on the screen that developer tools are missing. */
const withoutDevtools = ["process.env['DEV']", 'undefined'];

const changes = {
  'ink.js': [withoutDevtools],
  'reconciler.js': [withoutDevtools],
  // Ink takes every line of a frame apart into its characters, most of which were the same in the frame before. That is half
  // of what a frame costs: so it is kept from one frame to the next.
  'output.js': [
    ['class OutputCaches {', 'class OutputCaches { constructor(before) { this.before = before; }'],
    [
      'let cached = this.styledChars.get(line);',
      'let cached = this.styledChars.get(line) ?? this.before.get(line); if (cached) this.styledChars.set(line, cached);',
    ],
    [
      'caches = new OutputCaches();',
      'caches = (lastCaches = new OutputCaches(lastCaches.styledChars));',
    ],
    [
      'export default class Output {',
      "let lastCaches = { styledChars: new Map() }; const blank = { type: 'char', value: ' ', fullWidth: false, styles: [] }; export default class Output {",
    ],
    [
      /row\.push\(\{\s+type: 'char',\s+value: ' ',\s+fullWidth: false,\s+styles: \[\],\s+\}\)/g,
      'row.push(blank)',
    ],
  ],
};

function changed(text, file) {
  return (changes[file] ?? []).reduce((before, [from, to]) => {
    const after = before.replaceAll(from, () => to);
    if (after === before)
      throw new Error(`ink/build/${file} has no ${from} any more (changed-ink.js)`);
    return after;
  }, text);
}

/** A plugin of the bundler. */
export const changedInk = {
  name: 'changed-ink',
  setup(pipeline) {
    pipeline.onLoad({ filter: /[\\/]ink[\\/]build[\\/][\w-]+\.js$/ }, async ({ path }) => ({
      contents: changed(await readFile(path, 'utf8'), basename(path)),
    }));
  },
};
