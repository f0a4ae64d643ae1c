// The console's own settings.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  consoleFilePath,
  parseConsoleFile,
  readConsoleFile,
} from '../../../tui/cli/console-file.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const parse = (text: string) => parseConsoleFile(Buffer.from(text), '/c');

test('console file › theme, sort, columns and sockets, in any case and with comments', (t) => {
  t.deepEqual(
    parse(`# mine
Theme = Light
sort.HOSTS=lastSeen descending   # the latest first
Columns.hosts = State, ADDRESS nodeid
columns.Peers=lag
Colour.eu-1.Prod = Red
Socket.berlin=/run/ddnsd/ddnsd.sock
Socket.eu-1.Prod=/tmp/a=b.sock
`),
    {
      theme: 'light',
      sort: { by: 'lastSeen', descending: true },
      colours: new Map([['eu-1.Prod', 'red']]),
      columns: { hosts: ['state', 'address', 'nodeId'], peers: ['lag'] },
      sockets: [
        { name: 'berlin', path: '/run/ddnsd/ddnsd.sock' },
        { name: 'eu-1.Prod', path: '/tmp/a=b.sock' },
      ],
      problems: [],
      socketProblems: [],
    },
  );
});

test('console file › a mistake names file, line, value and what is allowed, and the rest holds', (t) => {
  const { theme, sockets, problems, socketProblems } = parse(`Theme=16
Theme=blue
Sort.hosts=age
Sort.peers=id
heme=dark
nonsense
Socket.a b=/x
Socket.a=
Socket.a=/x
Socket.a=/y
`);
  t.is(theme, '16');
  t.deepEqual(sockets, [{ name: 'a', path: '/x' }]);
  const all =
    'there is no such setting; there are Theme, Sort.hosts, Columns.servers, Columns.hosts, Columns.peers, Columns.redirects, Columns.backlog, Socket.NAME, Colour.NAME';
  const name = 'a name has at most 32 letters, digits, dots, hyphens and underscores';
  const ofSockets = [
    `/c:7: Socket.a b=/x: ${name}`,
    '/c:8: Socket.a=: has no path',
    '/c:10: Socket.a=/y: that name is taken; give each its own',
  ];
  t.deepEqual(problems, [
    '/c:2: Theme=blue: use dark, light, 16',
    '/c:3: Sort.hosts=age: use address, nodeId, firstSeen, lastSeen, state, if you like with "descending"',
    `/c:4: Sort.peers=id: ${all}`,
    `/c:5: heme=dark: ${all}`,
    '/c:6: is not name=value; a comment begins with #',
    ...ofSockets,
  ]);
  t.deepEqual(socketProblems, ofSockets);
});

test('console file › a colour of nobody, and one that there is not, are said', (t) => {
  const text = 'Socket.prod=/x\nColour.prod=crimson\nColour.prd=red\nColour.lab=cyan\n';
  const given = [{ name: 'lab', path: '/y' }];
  const { colours, problems } = parseConsoleFile(Buffer.from(text), '/c', given);
  t.deepEqual(colours.get('lab'), 'cyan');
  t.false(colours.has('prod'));
  t.deepEqual(problems, [
    '/c:2: Colour.prod=crimson: use red, green, yellow, blue, magenta, cyan',
    '/c:3: Colour.prd=red: no name server has that name; there are prod, lab',
  ]);
  t.deepEqual(parse('Colour.prod=red').problems, [
    '/c:1: Colour.prod=red: no name server has that name; Socket.NAME=PATH names one',
  ]);
});

test('console file › a column that there is not is named, with those that there are', (t) => {
  const { columns, problems } = parse(`Columns.redirects=time
Columns.redirects=time from
Columns.redirects=
Columns.redirects=time TIME
Columns.log=time
`);
  t.deepEqual(columns, { redirects: ['time'] });
  const all = 'the columns of redirects are time, source, dialect, target, reason';
  t.deepEqual(problems.slice(0, 3), [
    `/c:2: Columns.redirects=time from: there is no column from; ${all}`,
    `/c:3: Columns.redirects=: names no column; ${all}`,
    '/c:4: Columns.redirects=time TIME: time is there twice',
  ]);
  t.regex(problems[3] ?? '', /^\/c:5: Columns.log=time: there is no such setting/);
});

test('console file › what is in it reaches no terminal unescaped', (t) => {
  const { problems } = parse('Theme=\u001b[31mred\n\u001b]2;x=1\n');
  t.is(problems.length, 2);
  for (const problem of problems) t.notRegex(problem, /[\u0000-\u001f]/);
});

test('console file › is looked for where XDG_CONFIG_HOME says, if that is absolute', (t) => {
  const path = (env: NodeJS.ProcessEnv) => consoleFilePath({ HOME: '/h', ...env }, 'linux');
  t.is(path({}), '/h/.config/ddns-tui/config');
  t.is(path({ XDG_CONFIG_HOME: '/x' }), '/x/ddns-tui/config');
  t.is(path({ XDG_CONFIG_HOME: 'x' }), '/h/.config/ddns-tui/config');
});

test('console file › a user whom the system does not know has none', async (t) => {
  const unknown = () => {
    throw new Error('uv_os_homedir returned ENOENT');
  };
  t.is(consoleFilePath({}, 'linux', unknown), null);
  t.is(consoleFilePath({ XDG_CONFIG_HOME: '/x' }, 'linux', unknown), '/x/ddns-tui/config');
  t.deepEqual((await readConsoleFile(null)).problems, []);
});

test('console file › none sets nothing, and one that cannot be read says so', async (t) => {
  const folder = makeFolder(t);
  const nothing = {
    columns: {},
    colours: new Map(),
    sockets: [],
    problems: [],
    socketProblems: [],
  };
  t.deepEqual(await readConsoleFile(join(folder, 'none')), nothing);
  const { problems } = await readConsoleFile(folder);
  t.deepEqual(problems, [`${folder} cannot be read, and is ignored: it is not a regular file`]);
});

const onUnix = process.platform === 'win32' ? test.skip : test;

onUnix('console file › a pipe that nobody writes to, or a device, is not waited for', async (t) => {
  const pipe = join(makeFolder(t), 'config');
  execFileSync('mkfifo', [pipe]);
  for (const file of [pipe, '/dev/zero'])
    t.deepEqual((await readConsoleFile(file)).problems, [
      `${file} cannot be read, and is ignored: it is not a regular file`,
    ]);
});

test('console file › one that is too large is not read', async (t) => {
  const file = join(makeFolder(t), 'config');
  writeFileSync(file, '#'.repeat(1_048_577));
  t.regex((await readConsoleFile(file)).problems[0] ?? '', /it has 1048577 bytes, .* at most/);
});
