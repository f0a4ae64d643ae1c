// How tests load sources. Node runs .ts by leaving out its types, but does not know JSX: esbuild compiles
// .tsx. What was made of a file is kept in node_modules/.cache/ until the file changes, for the programs
// that a test starts, too: loading is most of what a small test file costs.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const cache = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url));
const keptFiles = join(cache, 'tsx');

process.env.NODE_COMPILE_CACHE ??= join(cache, 'compiled');
enableCompileCache(process.env.NODE_COMPILE_CACHE);

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
