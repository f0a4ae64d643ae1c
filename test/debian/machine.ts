// A Debian 12 that boots, in systemd-nspawn with a network of its own, in which there is only loopback. Its files are
// those of a base that is made once (mmdebstrap, two minutes, from Debian's archive) and kept in node_modules/.cache,
// below a layer that is thrown away.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn as spawnTerminal } from '@lydell/node-pty';
import { lookUntil } from '../fixture/look-until.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Beside what every Debian has: systemd, and what the guide uses. */
const packages = [
  'systemd-sysv',
  'dbus',
  'sudo',
  'procps',
  'iproute2',
  'man-db',
  'bash-completion',
];
const base = join(root, 'node_modules', '.cache', 'debian-12');

/** With this code systemd-nspawn asks to be started again. */
const rebootWanted = 133;

/** Why no machine can be booted here; null: it can. */
export function missingHere(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux may';
  const lacking = [
    'systemd-nspawn',
    'nsenter',
    'dpkg-deb',
    ...(existsSync(base) ? [] : ['mmdebstrap']),
  ];
  const program = lacking.find((name) => spawnSync(name, ['--version']).error !== undefined);
  return program === undefined ? null : `${program} is missing`;
}

function makeBase(): void {
  if (existsSync(base)) return;
  const folder = `${base}.${process.pid}`;
  execFileSync(
    'mmdebstrap',
    [
      ...[
        '--variant=minbase',
        `--include=${packages}`,
        '--dpkgopt=path-exclude=/usr/share/locale/*',
      ],
      ...['bookworm', folder],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  renameSync(folder, base);
}

export interface Outcome {
  code: number | null;
  /** standard output and standard error, as they came */
  output: string;
}

export class Machine {
  /** its / as seen from outside */
  readonly folder: string;
  private readonly work: string;
  private readonly name: string;
  private nspawn: ChildProcess | null = null;

  private constructor() {
    this.work = mkdtempSync(join(tmpdir(), 'debian-'));
    this.folder = join(this.work, 'root');
    this.name = `ddns-${this.work.slice(-6)}`;
    const layers = ['upper', 'work'].map((each) => join(this.work, each));
    for (const each of [this.folder, ...layers]) mkdirSync(each);
    const [upper, work] = layers;
    execFileSync('mount', [
      ...['-t', 'overlay', '-o', `lowerdir=${base},upperdir=${upper},workdir=${work}`],
      ...['overlay', this.folder],
    ]);
  }

  static async boot(): Promise<Machine> {
    makeBase();
    const machine = new Machine();
    appendFileSync(join(machine.folder, 'etc/hosts'), `127.0.1.1 ${machine.name}\n`);
    writeFileSync(join(machine.folder, 'etc/hostname'), `${machine.name}\n`);
    await machine.start();
    return machine;
  }

  /** How to run `command` in bash as root. */
  private entry(command: string): string[] {
    return [
      ...[`--target=${this.init()}`, '--all', 'env', '-i', '--chdir=/root'],
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      ...['HOME=/root', 'USER=root', 'LANG=C.UTF-8', 'TERM=dumb', 'bash', '-c', command],
    ];
  }

  /** Runs `command` in a terminal; `answer` says what to type when its whole output, which grew, is this. */
  async ask(command: string, answer: (screen: string) => string | null): Promise<Outcome> {
    const terminal = spawnTerminal('nsenter', this.entry(command), { cols: 200, rows: 50 });
    let output = '';
    terminal.onData((data) => {
      output += data;
      const typed = answer(output);
      if (typed !== null) terminal.write(typed);
    });
    const code = await new Promise<number>((resolve) =>
      terminal.onExit(({ exitCode }) => resolve(exitCode)),
    );
    return { code, output };
  }

  async run(command: string): Promise<Outcome> {
    const child = spawn('nsenter', this.entry(command), { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    const [code] = await once(child, 'close');
    return { code, output };
  }

  /** What `command` prints. @throws if it fails */
  async output(command: string): Promise<string> {
    const { code, output } = await this.run(command);
    if (code !== 0) throw new Error(`${command}\nended with ${code}:\n${output}`);
    return output.trimEnd();
  }

  async reboot(): Promise<void> {
    const ended = once(this.nspawn as ChildProcess, 'close');
    await this.run('systemctl reboot');
    const [code] = await ended;
    if (code !== rebootWanted) throw new Error(`systemd-nspawn ended with ${code}`);
    await this.start();
  }

  async close(): Promise<void> {
    const { nspawn } = this;
    if (nspawn !== null && nspawn.exitCode === null) {
      const ended = once(nspawn, 'close');
      // The end of its process 1 is the end of all.
      process.kill(this.init(), 'SIGKILL');
      await ended;
    }
    execFileSync('umount', ['--lazy', this.folder]);
    rmSync(this.work, { recursive: true, force: true });
    for (const place of ['propagate', 'unix-export'])
      rmSync(join('/run/systemd/nspawn', place, this.name), { recursive: true, force: true });
  }

  private async start(): Promise<void> {
    // systemd-nspawn keeps what it passes on there.
    mkdirSync('/run/systemd/nspawn', { recursive: true });
    this.nspawn = spawn(
      'systemd-nspawn',
      [
        ...['--quiet', '--boot', '--private-network', '--register=no', '--keep-unit'],
        ...['--console=pipe', `--machine=${this.name}`, `--directory=${this.folder}`],
      ],
      { stdio: 'ignore' },
    );
    await this.booted();
  }

  /** Its process 1, which a reboot replaces. */
  private init(): number {
    const pid = this.nspawn?.pid;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    const init = Number(children.trim().split(' ')[0]);
    if (!(init > 0)) throw new Error('the machine is down');
    return init;
  }

  private async booted(): Promise<void> {
    await lookUntil(
      async () => {
        if (this.nspawn?.exitCode !== null) throw new Error('systemd-nspawn ended');
        return this.run('systemctl is-system-running').catch(() => ({ code: 1, output: '' }));
      },
      ({ output }) => /^(running|degraded)/.test(output),
    );
  }
}
