import test from 'ava';
import type { ConsoleAction } from '../../../../tui/console/console-state.ts';
import { dataFromSnapshot } from '../../../../tui/state/daemon-data.ts';
import { fixedSnapshot, fullDisk } from '../../fixture-data.ts';
import { shownOf } from '../../frame-of.tsx';
import { fleetScreens } from '../../screens/fleet.ts';

test('fleet › what is wrong with the selected name server is said in whole below the table', async (t) => {
  const actions = fleetScreens[0]?.actions ?? [];
  const shown = async (cursor: number, rows: number) =>
    (
      await shownOf(
        {
          ...{
            view: 'overview',
            actions: [
              ...actions,
              { type: 'fleet', change: (fleet) => ({ ...fleet, position: { top: 0, cursor } }) },
            ],
          },
        },
        { columns: 80, rows },
      )
    ).lines;
  const said = (lines: string[]) => lines.map((line) => line.trim()).join(' ');
  const cause = 'lisbon: no name server listens on /run/user/1000/oslo.sock; is the tunnel up?';
  t.true(said(await shown(4, 24)).includes(cause));
  t.true(said(await shown(4, 20)).includes(cause));
  t.false(said(await shown(5, 24)).includes('rome: '), 'nothing is wrong there');
  t.is((await shown(4, 10)).length, 10);
});

test('fleet › so is the whole cause of its alarms, of which its column and the header have the beginning', async (t) => {
  const status = fixedSnapshot({ storage: fullDisk() });
  const full: ConsoleAction = {
    type: 'fleet',
    change: (fleet) => ({
      ...fleet,
      position: { top: 0, cursor: 0 },
      servers: fleet.servers.map((server) => ({
        ...server,
        shown: { ...server.shown, data: dataFromSnapshot(status, 0) },
      })),
    }),
  };
  const actions = [...(fleetScreens[0]?.actions ?? []), full];
  const { lines } = await shownOf({ view: 'overview', actions }, { columns: 80, rows: 24 });
  const said = lines.map((line) => line.trim()).join(' ');
  t.true(said.includes(`berlin: storage degraded: ${fullDisk().reason}`), lines.join('\n'));
});

test('fleet › in the list the key that opens it is not offered', async (t) => {
  const size = { columns: 200, rows: 50 };
  const actions = fleetScreens[0]?.actions ?? [];
  const { lines, state } = await shownOf({ view: 'overview', actions }, size);
  t.true(state.fleet.isOpen);
  t.false(lines.at(-1)?.includes('servers'), lines.at(-1));
  const closed: ConsoleAction = {
    type: 'fleet',
    change: (fleet) => ({ ...fleet, isOpen: false }),
  };
  const after = await shownOf({ view: 'overview', actions: [...actions, closed] }, size);
  t.true(after.lines.at(-1)?.includes('0 servers'), after.lines.at(-1));
});
