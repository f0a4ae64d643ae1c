// Causes the fault of each alert once, with real name servers and Prometheus, and waits until it fires: `npm run
// alerts`, or `npm run alerts -- DdnsDown` for some. It takes some minutes; the tests have a few of them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alertFaults, type Scene } from './alert-faults.ts';
import { hasPrometheus, Prometheus } from './prometheus.ts';

/** For one alert, ms: several times what the slowest takes. */
const patienceMs = 60_000;

/** What has to be ended, the last first. */
class Endings {
  private readonly ends: (() => void | Promise<void>)[] = [];

  teardown(end: () => void | Promise<void>): void {
    this.ends.push(end);
  }

  async run(): Promise<void> {
    for (const end of this.ends.reverse()) await end();
  }

  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'a-'));
    this.teardown(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  /** A tmpfs; null where this user may not mount one. */
  smallDisk(): string | null {
    const folder = this.folder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' });
    } catch {
      return null;
    }
    this.teardown(() => {
      execFileSync('umount', ['-l', folder]);
    });
    return folder;
  }
}

/** Fires one alert; returns what to print. */
async function fire(prometheus: Prometheus, name: string): Promise<string> {
  const endings = new Endings();
  let hasFired = false;
  const scene: Scene = {
    t: endings,
    prometheus,
    folder: () => endings.folder(),
    smallDisk: () => endings.smallDisk(),
    lasts: () => !hasFired,
  };
  const began = performance.now();
  const late = new Promise<'late'>((resolve) => {
    const timer = setTimeout(() => resolve('late'), patienceMs);
    endings.teardown(() => clearTimeout(timer));
  });
  try {
    const begun = await Promise.race([alertFaults[name]?.(scene) as Promise<number>, late]);
    if (typeof begun === 'string') return begun === 'late' ? 'NOT FIRED' : `not tried: ${begun}`;
    const fired = await Promise.race([prometheus.fires(name, begun), late]);
    if (fired === 'late') return 'NOT FIRED';
    const { instance = '', peer, severity } = fired.labels;
    const about = peer === undefined ? instance : `${instance}, peer ${peer}`;
    return `fired after ${((performance.now() - began) / 1_000).toFixed(1)} s (${severity}) ${about}`;
  } finally {
    hasFired = true;
    await endings.run();
    prometheus.forget();
  }
}

if (!hasPrometheus) {
  console.error('Prometheus is not installed (Debian: apt install prometheus)');
  process.exit(1);
}
const endings = new Endings();
const prometheus = await Prometheus.start(endings, endings.folder());
const wanted = process.argv.slice(2);
for (const name of Object.keys(alertFaults)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const result = await fire(prometheus, name);
  console.log(`${name.padEnd(24)}${result}`);
  if (result === 'NOT FIRED') process.exitCode = 1;
}
await endings.run();
process.exit();
