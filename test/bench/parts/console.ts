// The console on a terminal of 50 rows and 200 columns, beside its targets: how soon it is there, what it writes and
// what it costs, how it copes with a slow line, and how soon a key is answered with a million hosts behind it. It is the
// built program, in a pseudo-terminal, attached to a real daemon.
import { hosts, measureKeys } from '../console/keys.ts';
import { measureScreens } from '../console/screens.ts';
import { measureSlowLine } from '../console/slow-line.ts';
import { measureStart } from '../console/start.ts';
import { seededFolder } from '../ddnsd-server.ts';
import type { Table } from '../table.ts';
import type { Part } from './part.ts';

export const consolePart: Part = {
  name: 'console',
  about:
    'the console at 50×200: its first frame, the bytes and CPU of its views, a slow line, and keys with 1,000,000 hosts',
  minutes: 4,
  isOnce: true,
  measure: async ({ builds: [build], consoles }) => {
    if (build === undefined) return [];
    const small = await seededFolder(build, 200);
    const tables: Table[] = [];
    for (const measured of [
      () => measureStart(consoles, build, small),
      () => measureScreens(consoles, build, small),
      () => measureSlowLine(consoles, build, small),
      async () => measureKeys(consoles, build, await seededFolder(build, hosts)),
    ]) {
      const table = await measured();
      process.stderr.write(`console: ${table.title}: done\n`);
      tables.push(table);
    }
    return tables;
  },
};
