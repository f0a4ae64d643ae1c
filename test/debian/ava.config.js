// `npm run test:debian`: what needs a booted Debian. It takes minutes and root, so the other tests leave it out.
import { readFileSync } from 'node:fs';

const { ava } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

// biome-ignore lint/style/noDefaultExport: ava reads the default export.
export default {
  ...ava,
  files: ['test/debian/*.booted.ts'],
  concurrency: 1,
  timeout: '10m',
};
