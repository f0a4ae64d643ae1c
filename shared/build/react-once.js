// React is CommonJS, and esbuild copies what such a module exports for each file that imports it: there are some hundred.
// Bundled, all of them import it from one file that does so once.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** A plugin of the bundler. */
export const reactOnce = {
  name: 'react-once',
  setup(pipeline) {
    pipeline.onResolve({ filter: /^react(\/jsx-runtime)?$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'once' } : undefined,
    );
    pipeline.onLoad({ filter: /.*/, namespace: 'once' }, ({ path }) => {
      const names = Object.keys(require(path)).join(', ');
      const file = JSON.stringify(require.resolve(path));
      return {
        contents: `import whole from ${file}; export default whole; export const { ${names} } = whole;`,
        resolveDir: import.meta.dirname,
      };
    });
  },
};
