// ddns-node: a reference node on the command line. It joins, prints what it learns, answers pings, and leaves when it
// is stopped. Lists go to standard output, everything else to standard error.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { Outlet, type OutputNews, OutputQueue } from '../output/output-queue.ts';
import { exitCodes, print } from '../program.ts';
import { usualPort } from '../protocol/address-kind.ts';
import { isNodeId, nodeIdRule } from '../protocol/tokens.ts';
import { versionLine } from '../version.ts';
import {
  createNode,
  type DynamoNode,
  type HostsChange,
  NoNameServerError,
  parseListen,
  parseServer,
} from './node.ts';

interface Options {
  listen: string;
  server: string[];
  known?: string;
  id?: string;
  udp?: boolean;
  once?: boolean;
  json?: boolean;
}

const program = new Command('ddns-node')
  .description('A node of the Dynamo network: joins through name servers and keeps its list fresh.')
  .requiredOption(
    '--listen <ip:port>',
    'address of this node; it also connects from there',
    listenAddress,
  )
  .requiredOption(
    '--server <server>',
    `a name server, ip[:port] or name[:port] (port ${usualPort}); repeat the option for others, the preferred one first`,
    serverAddress,
  )
  .option(
    '--known <file>',
    'file of known hosts, one per line (ip:port is enough): read at the start, kept up to date',
  )
  .option('--id <node-id>', 'the node id (default: a random UUID)', nodeId)
  .option('--udp', 'ask and answer in datagrams, and over TCP where those get no answer')
  .option('--once', 'print the list, leave and exit')
  .option('--json', 'print JSON, one object a line')
  .version(versionLine)
  .configureOutput({ writeOut: (text) => print('ddns-node', text) })
  .addHelpText(
    'after',
    '\nPrints a + line for each host added to the --known list and a - line for each one removed. Everything else goes' +
      '\nto standard error.\n\nExit codes: 0 ok, 2 usage, 69 no name server answered (with --once), 1 the rest.',
  )
  .exitOverride();

function listenAddress(text: string): string {
  argument(() => parseListen(text));
  return text;
}

/** Reports the library's error for a value as an error of the command line. */
function argument<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

function serverAddress(text: string, before: string[] = []): string[] {
  return [...before, argument(() => parseServer(text))];
}

function nodeId(text: string): string {
  if (!isNodeId(text)) throw new InvalidArgumentError(`It must be ${nodeIdRule}.`);
  return text;
}

/** Resolves with the first reason to stop. */
function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    // HUP: its terminal is gone. QUIT and PWR: supervisors and containers stop a program with them. For good: a
    // second one of the same Ctrl-C, which npm passes on, must not end it before it has said good-bye.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGPWR'] as const)
      process.on(signal, () => resolve());
  });
}

/** Longest wait, at the end of the program, for queued lines to be written, ms. */
const exitDrainMs = 500;

/** Standard error, queued: an output that blocks or fails never stops the node; lines wait, and are dropped. */
const errors = new OutputQueue(new Outlet(2));

function say(text: string): void {
  errors.add(`ddns-node: ${text}\n`);
}

function reportOutput(news: OutputNews): void {
  if (news.kind === 'failing') {
    say(
      `standard output cannot be written (${news.error.code}): the node keeps running, and the latest lines are kept for it`,
    );
    return;
  }
  const dropped = [...news.dropped.values()].reduce((sum, count) => sum + count, 0);
  say(`standard output works again; lines dropped: ${dropped}`);
}

function lineOf(value: string | object): string {
  return `${typeof value === 'string' ? value : JSON.stringify(value)}\n`;
}

function described(node: DynamoNode): object {
  const { address, nodeId: id, server } = node;
  return { address, nodeId: id, server, hosts: node.hosts() };
}

async function runOnce(stop: Promise<void>, node: DynamoNode, json: boolean): Promise<number> {
  const stopping = new AbortController();
  void stop.then(() => stopping.abort());
  let isRegistered = false;
  try {
    isRegistered = await node.join({ signal: stopping.signal });
    if (!isRegistered) say('no name server answered; the list comes from known nodes');
  } catch (error) {
    if (stopping.signal.aborted) return exitCodes.failed;
    if (!(error instanceof NoNameServerError)) throw error;
    await node.close();
    say('no name server answered; check --server, and that one runs there');
    return exitCodes.unreachable;
  }
  const list = json ? lineOf(described(node)) : node.hosts().map(lineOf).join('');
  // Before printing, which ends the program if the list cannot be written.
  await node.leave();
  print('ddns-node', list);
  return isRegistered ? exitCodes.ok : exitCodes.unreachable;
}

async function runUntil(stop: Promise<void>, node: DynamoNode, json: boolean): Promise<number> {
  const output = new OutputQueue(new Outlet(1), reportOutput);
  const show = (value: string | object) => output.add(lineOf(value));
  // Added before joining, so that no change is missed.
  const changed = (change: HostsChange) => {
    const { by, from, added, gone } = change;
    if (json) show({ event: 'hosts', by, from, added, gone });
    else {
      for (const host of added) show(`+ ${host}`);
      for (const host of gone) show(`- ${host}`);
    }
    say(learned(change));
  };
  node.on('hosts', changed);
  const joining = node.join().then(
    (isRegistered) => {
      if (!isRegistered) return say('no name server answered, but known nodes did; still trying');
      say(
        `${node.address} (${node.nodeId}) joined through ${node.server}; hosts: ${node.hosts().length}`,
      );
      if (json) show({ event: 'joined', ...described(node) });
    },
    (error: unknown) => {
      if (!(error instanceof NoNameServerError)) throw error;
      say('no name server answered; still trying');
    },
  );
  await Promise.race([stop, joining]);
  await stop;
  node.off('hosts', changed);
  await node.leave();
  await output.drain(exitDrainMs);
  return exitCodes.ok;
}

function learned({ by, from, added, gone }: HostsChange): string {
  const who = by === 'expiry' ? 'silent for too long' : `${by.replace('-', ' ')} ${from}`;
  return `${who}: ${added.length} added, ${gone.length} gone`;
}

function explained(error: unknown, listen: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return `${listen} is taken: stop what listens there, or choose another --listen`;
  if (code === 'EADDRNOTAVAIL')
    return `this machine has no address ${listen}: choose another --listen (ip addr lists them)`;
  return message;
}

async function main(): Promise<number> {
  program.parse();
  const options = program.opts<Options>();
  const { listen, server: servers, known: knownHostsFile, id, udp, json = false } = options;
  const stop = stopRequested();
  const node = createNode({ listen, servers, knownHostsFile, nodeId: id, udp });
  node.on('trouble', say);
  try {
    return await (options.once ? runOnce(stop, node, json) : runUntil(stop, node, json));
  } catch (error) {
    say(explained(error, listen));
    return exitCodes.failed;
  }
}

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof CommanderError)) throw error;
  return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
});
await errors.drain(exitDrainMs);
