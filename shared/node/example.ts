// A node in a few lines: the README shows the same ones, and the tests run both.
import { createNode, NoNameServerError } from './node.ts';

const [listen, ...servers] = process.argv.slice(2) as [string, ...string[]];
const node = createNode({ listen, servers, knownHostsFile: 'known-hosts' });
node.on('trouble', (text) => console.error(text));
node.on('hosts', ({ added, gone }) => console.log('added', added, 'gone', gone));
process.once('SIGTERM', () => node.leave());

await node.join().catch((error) => {
  if (!(error instanceof NoNameServerError)) throw error;
  console.error('no name server answers yet; still trying');
});
console.log(`${node.address} knows`, node.hosts());
