// Writes the generated tables into the documents: `npm run docs`, after a change of a setting or a key.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedSections, regenerate, root } from './tables.ts';

for (const file of new Set(generatedSections.map((section) => section.file))) {
  const { wanted, found } = regenerate(file);
  if (wanted === found) continue;
  writeFileSync(join(root, file), wanted);
  process.stdout.write(`${file} updated\n`);
}
