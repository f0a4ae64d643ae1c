// The tests that wait for nothing, of more than a hundred files, in one process.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isImmediate, testFiles } from './selection.ts';

const files = ['test/fixture/turns.ts', ...testFiles().filter((file) => isImmediate(file))];
const imports = files.map((file) => `import '${pathToFileURL(resolve(file)).href}';`);

// Tests are declared all at once, or not at all. Ink waits as it is loaded; what imports it afterwards does not.
await import('ink');
await import(`data:text/javascript,${encodeURIComponent(imports.join(''))}`);
