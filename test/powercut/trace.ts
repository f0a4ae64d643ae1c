// What a daemon did to the files of its registry, and when it answered: the calls that strace saw, in their order.
import { basename, dirname } from 'node:path';

/** One step. Names are those of files in the folder of the registry. */
export type Step =
  | { kind: 'create'; name: string }
  | { kind: 'write'; name: string; at: number; bytes: Buffer }
  | { kind: 'truncate'; name: string; size: number }
  | { kind: 'unlink'; name: string }
  | { kind: 'rename'; name: string; to: string }
  | { kind: 'link'; name: string; to: string }
  | { kind: 'sync'; name: string }
  | { kind: 'sync-folder' }
  /** the client at this `ip:port` was told that it is registered */
  | { kind: 'answered'; address: string };

/** The calls that change files, make them durable, or answer. */
export const calls = [
  ...['openat', 'pwrite64', 'pwritev', 'write', 'writev', 'ftruncate'],
  ...['fsync', 'fdatasync', 'unlink', 'unlinkat', 'rename', 'renameat', 'renameat2', 'link'],
];

/** Arguments of strace that `parseTrace` needs: file names of descriptors, all bytes, in hexadecimal. */
export const straceOptions = [
  ...['-f', '--seccomp-bpf', '-qq', '-yy', '-xx', '-s', '65536', '-e', 'signal=none'],
  ...['-e', `trace=${calls.join(',')}`],
];

/** The steps of a trace that concern files whose names begin with `prefix` in `folder`. */
export function parseTrace(text: string, folder: string, prefix: string): Step[] {
  const begun = new Map<string, string>();
  const steps: Step[] = [];
  for (const line of text.split('\n')) {
    const [, pid = '', said = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (said.endsWith('<unfinished ...>')) {
      begun.set(pid, said.slice(0, -'<unfinished ...>'.length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>/.exec(said);
    const whole = resumed ? `${begun.get(pid)}${said.slice(resumed[0].length)}` : said;
    const step = stepOf(whole, folder, prefix);
    if (step !== null) steps.push(step);
  }
  return steps;
}

function stepOf(call: string, folder: string, prefix: string): Step | null {
  const [, name = '', args = '', result = ''] = /^(\w+)\((.*)\) += (-?\d+)/.exec(call) ?? [];
  if (!calls.includes(name) || Number(result) < 0) return null;
  const peer = /^\d+<TCP:\[\S+->(\S+)\]>/.exec(args);
  if (peer !== null) {
    const isOk = /"\\x6f\\x6b\\x0a/.test(args);
    return isOk ? { kind: 'answered', address: peer[1] as string } : null;
  }
  const [, shown = ''] = /^\d+<([^>]*)>/.exec(args) ?? [];
  const paths = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => textOf(hex ?? ''));
  const path = shown === '' ? (paths[0] ?? '') : textOf(shown);
  if (path === folder && name.endsWith('sync')) return { kind: 'sync-folder' };
  if (dirname(path) !== folder || !basename(path).startsWith(prefix)) return null;
  return fileStep(name, basename(path), args, paths);
}

function fileStep(call: string, name: string, args: string, paths: string[]): Step | null {
  const last = Number(/(\d+) *$/.exec(args)?.[1]);
  switch (call) {
    case 'openat':
      return args.includes('O_CREAT') ? { kind: 'create', name } : null;
    case 'pwrite64': {
      const [, hex = ''] = /"((?:\\x[0-9a-f]{2})*)"/.exec(args) ?? [];
      return { kind: 'write', name, at: last, bytes: bytesOf(hex) };
    }
    case 'ftruncate':
      return { kind: 'truncate', name, size: last };
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', name };
    case 'unlink':
    case 'unlinkat':
      return { kind: 'unlink', name };
    case 'rename':
    case 'renameat':
    case 'renameat2':
      return { kind: 'rename', name, to: basename(paths[1] ?? '') };
    case 'link':
      return { kind: 'link', name, to: basename(paths[1] ?? '') };
    default:
      // The model would miss it.
      throw new Error(`${call} on ${name} is not understood: ${args.slice(0, 200)}`);
  }
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

function textOf(hex: string): string {
  return bytesOf(hex).toString();
}
