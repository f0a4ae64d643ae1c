// `ddns-tui log` as a script runs it: no terminal, real processes, a real name server.
import anyTest, { type TestFn } from 'ava';
import { createRobotDaemon, type RobotDaemon } from '../../robot/daemon.ts';
import { start } from '../../robot/printing.ts';

const test = anyTest as TestFn<{ daemon: RobotDaemon }>;

test.beforeEach(async (t) => {
  t.context.daemon = await createRobotDaemon({ settings: ['LogLevel=debug'] });
  await t.context.daemon.start();
});

test.afterEach.always(async (t) => {
  await t.context.daemon?.close();
});

test.serial('printing the log › as text and as JSON, as far as it is asked for', async (t) => {
  const { daemon } = t.context;
  const at = ['--socket', daemon.socket];
  await daemon.send('alive node-1 4000\nalive \u001b[31mred 4001\n');
  const text = await start('log', ...at).ended;
  t.is(text.code, 0);
  const [ready, ...others] = text.out.split('\n');
  // What workers refuse they tell by themselves: it may come first.
  const registered = others.find((line) => line.includes('host registered'));
  const refused = others.find((line) => line.includes('bad-node-id'));
  t.regex(
    ready ?? '',
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}info {3}name server is ready {2}id=/,
  );
  t.regex(
    registered ?? '',
    / {2}debug {2}host registered {2}address=127\.0\.0\.1:4000 nodeId=node-1 /,
  );
  t.regex(refused ?? '', / {2}debug {2}bad-node-id: node id "\\x1b\[31mred": /);
  t.false(text.out.includes('\u001b'));
  const json = await start('log', '--json', '--level', 'info', '--limit', '1', ...at).ended;
  // A warning may follow by now; what comes last otherwise is left out.
  t.true(['info', 'warn'].includes(JSON.parse(json.out).level));
  const found = await start('log', '--filter', 'node-1 !left', '--json', ...at).ended;
  t.deepEqual(JSON.parse(found.out).fields, {
    address: '127.0.0.1:4000',
    nodeId: 'node-1',
    dialect: 'native',
  });
  const wrong = await start('log', '--level', 'loud', ...at).ended;
  t.is(wrong.code, 2);
  t.true(wrong.err.includes('error, warn, info, debug, trace'));
});

test.serial(
  'printing the log › --follow outlives the name server, and ends with a signal',
  async (t) => {
    const { daemon } = t.context;
    const following = start('log', '--follow', '--socket', daemon.socket);
    await following.prints(/name server is ready/);
    await daemon.register({ id: 'before', port: 4_000 });
    await following.prints(/nodeId=before/);
    await daemon.kill('SIGKILL');
    await daemon.start();
    await following.prints(/registry loaded/);
    await daemon.register({ id: 'after', port: 4_001 });
    await following.prints(/nodeId=after/);
    following.child.kill('SIGINT');
    const { code, err } = await following.ended;
    t.is(code, 0);
    t.is(
      err,
      'ddns-tui: no answer from the name server; reconnecting\nddns-tui: the name server restarted\n',
    );
  },
);
