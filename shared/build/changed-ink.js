// What is changed in Ink's files, and those of its layout engine, when they are bundled. The build fails when an update
// has other text there.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** With DEV=true in the environment, which is not meant for us, it would warn on the screen that developer tools are missing. */
const withoutDevtools = ["process.env['DEV']", 'undefined'];

const changes = {
  'ink.js': [withoutDevtools],
  'reconciler.js': [withoutDevtools],
  // A loop over all bytes, which V8 begins to optimize on another core, takes longer than all else that the engine begins with.
  'yoga-wasm-base64-esm.js': [
    [
      'var b=xa(a.slice(37)),c=new Uint8Array(b.length);for(a=0;a<b.length;++a)c[a]=b.charCodeAt(a);var d=c',
      "var d=Buffer.from(a.slice(37),'base64')",
    ],
  ],
  // Most texts of a frame were in the one before, and most of its rows were the same. Ink cleans each text, takes it apart
  // into characters, joins them, takes them apart again and joins them to rows: that is half of what a frame costs. What
  // was made of a text is kept from one frame to the next, and so is a row of the same characters.
  'sanitize-ansi.js': [
    [
      'const sanitizeAnsi = (text) => {',
      'const known = new Map(); const sanitizeAnsi = (text) => { let clean = known.get(text); if (clean === undefined) { if (known.size >= 4096) known.clear(); known.set(text, (clean = sanitized(text))); } return clean; }; const sanitized = (text) => {',
    ],
  ],
  // A character has no styles of its own: those of a run are the same list.
  'styledChars.js': [
    [
      /ret\.push\(\{\s+\.\.\.token,\s+styles: \[\.\.\.codes\],\s+\}\);/g,
      'token.styles = codes; ret.push(token);',
    ],
  ],
  // Behind text of several styles Ink writes them all once more, each with its end: a sixth of what a view writes. Another
  // sixth are blanks in what is blank already.
  'line-update.js': [
    [
      "import stringWidth from 'string-width';",
      "import stringWidth from 'string-width'; import { ansiCodesToString, reduceAnsiCodes, tokenize } from '@alcalzone/ansi-tokenize';",
    ],
    [/styles \+\n/g, 'ansiCodesToString(reduceAnsiCodes(tokenize(styles))) +\n'],
    [
      'return partial.length < full.length ? partial : full;',
      'const line = partial.length < full.length ? partial : full; return showsOnBlanks.test(line) ? line : line.replace(/ {7,}/g, ({ length }) => ansiEscapes.cursorForward(length));',
    ],
    [
      'const printableAscii =',
      '/** Background, inverse, underlined or struck through. */ const showsOnBlanks = /\\u001b\\[(?:[\\d;]*;)?(?:4|7|9|21|53|4\\d|10[0-7])[;m]/; const printableAscii =',
    ],
  ],
  'output.js': [
    [
      'class OutputCaches {',
      'let lastCaches; class OutputCaches { lines = new Map(); rows = []; constructor() { this.before = lastCaches; if (lastCaches) lastCaches.before = undefined; lastCaches = this; } kept(kind, text) { let found = this[kind].get(text); if (found === undefined && this.before) { found = this.before[kind].get(text); if (found !== undefined) this[kind].set(text, found); } return found; }',
    ],
    ['let cached = this.widths.get(text);', "let cached = this.kept('widths', text);"],
    ['let cached = this.styledChars.get(line);', "let cached = this.kept('styledChars', line);"],
    // None of those is before U+00AD.
    ['filter(character => !/', "filter(character => character.value < '\\u00ad' || !/"],
    [
      'for (const character of this.caches.getStyledChars(text)) {',
      "let lines = text.includes('\\n') ? this.caches.kept('lines', text) : [text]; if (!lines) for (const character of this.caches.getStyledChars(text)) {",
    ],
    [
      'let lines = characterLines.map(line => styledCharsToString(line));',
      'if (!lines) this.caches.lines.set(text, (lines = characterLines.map(line => styledCharsToString(line))));',
    ],
    [
      'export default class Output {',
      "const blank = { type: 'char', value: ' ', fullWidth: false, styles: [] }; export default class Output {",
    ],
    [
      /const row = \[\];\s+for \(let x = 0; x < this\.width; x\+\+\) \{\s+row\.push\(\{\s+type: 'char',\s+value: ' ',\s+fullWidth: false,\s+styles: \[\],\s+\}\);\s+\}/g,
      'const row = new Array(Math.ceil(this.width)).fill(blank);',
    ],
    [
      /const generatedOutput = output\s+\.map\(line => \{/g,
      "const generatedOutput = output.map((line, y) => { const before = this.caches.before?.rows[y]; const isSame = before?.line.length === line.length && line.every((item, x) => item === before.line[x]); const text = isSame ? before.text : textOf(line); this.caches.rows[y] = { line, text }; return text; }).join('\\n'); function textOf(line) {",
    ],
    [/\.trimEnd\(\);\s+\}\)\s+\.join\('\\n'\);/g, '.trimEnd(); }'],
  ],
};

function changed(text, file) {
  return (changes[file] ?? []).reduce((before, [from, to]) => {
    const after = before.replaceAll(from, () => to);
    if (after === before) throw new Error(`${file} has no ${from} any more (changed-ink.js)`);
    return after;
  }, text);
}

/** A plugin of the bundler. */
export const changedInk = {
  name: 'changed-ink',
  setup(pipeline) {
    pipeline.onLoad(
      {
        filter:
          /[\\/](ink[\\/]build|ansi-tokenize[\\/]build|yoga-layout[\\/]dist[\\/]binaries)[\\/][\w-]+\.js$/,
      },
      async ({ path }) => ({ contents: changed(await readFile(path, 'utf8'), basename(path)) }),
    );
  },
};
