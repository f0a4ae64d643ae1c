// Lets tests import .tsx: Node runs .ts by leaving out its types, but does not know JSX. What esbuild
// makes of a file is kept in node_modules/.cache/ until the file changes.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const keptFiles = fileURLToPath(new URL('../node_modules/.cache/tsx/', import.meta.url));

function compiled(path) {
  const source = readFileSync(path, 'utf8');
  const kept = join(keptFiles, createHash('sha1').update(path).update(source).digest('hex'));
  try {
    return readFileSync(kept, 'utf8');
  } catch {
    const { code } = require('esbuild').transformSync(source, {
      sourcefile: path,
      sourcemap: 'inline',
      loader: 'tsx',
      jsx: 'automatic',
    });
    mkdirSync(keptFiles, { recursive: true });
    // Another process may be at the same file.
    writeFileSync(`${kept}.${process.pid}`, code);
    renameSync(`${kept}.${process.pid}`, kept);
    return code;
  }
}

registerHooks({
  load: (url, context, nextLoad) =>
    url.endsWith('.tsx')
      ? { format: 'module', source: compiled(fileURLToPath(url)), shortCircuit: true }
      : nextLoad(url, context),
});
