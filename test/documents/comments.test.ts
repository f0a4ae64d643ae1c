// What comments refer to exists: files of the project, and sections of its documents.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { root } from './tables.ts';

const files = globSync('{*,daemon/**/*,shared/**/*,test/**/*,tui/**/*}.{ts,tsx,js,cjs,md}', {
  cwd: root,
}).filter((file) => !file.includes('snapshots/'));

/** The comment lines of each source, joined, so that a title may be continued on the next line. */
const comments = files
  .filter((file) => !file.endsWith('.md') && !file.startsWith('test/documents/'))
  .map((file) => ({
    file,
    text: readFileSync(join(root, file), 'utf8')
      .split('\n')
      .filter((line) => /^\s*(\/\/|\/\*\*|\*)/.test(line))
      .map((line) => line.replace(/^\s*(\/\/|\/\*\*|\*\/?)\s*/, ''))
      .join(' '),
  }));

test('comments › every file that they name exists', (t) => {
  t.true(comments.length > 300);
  const missing = comments.flatMap(({ file, text }) =>
    [...text.matchAll(/(?<![\w*…-])((?:[\w.-]+\/)*[\w-][\w.-]*\.(?:tsx?|cjs|md))\b/g)]
      .map(([, name = '']) => name.replace(/^(\.\.?\/)+/, ''))
      .filter((name) => !files.some((each) => `/${each}`.endsWith(`/${name}`)))
      .map((name) => `${file}: ${name}`),
  );
  t.deepEqual(missing, [], 'correct these to where the code is now');
});

test('comments › every section of a document that they cite exists', (t) => {
  const cited = comments.flatMap(({ file, text }) =>
    [...text.matchAll(/\b([A-Z]{4,}\.md), "([^"]+)"/g)].map(([, document, title]) => ({
      file,
      document: document as string,
      title: title as string,
    })),
  );
  t.true(cited.length > 20);
  const sections = (name: string) =>
    files
      .filter((file) => file.endsWith(`/${name}`))
      .flatMap((file) => readFileSync(join(root, file), 'utf8').match(/^#+ .+$/gm) ?? []);
  t.deepEqual(
    cited
      .filter(
        ({ document, title }) => !sections(document).some((line) => line.endsWith(`# ${title}`)),
      )
      .map(({ file, document, title }) => `${file}: ${document}, "${title}"`),
    [],
    'correct these to the headings of the document',
  );
});
