// `npm run package:deb [-- --revision N] [--out FOLDER] [--compress none]`: builds the Debian package from what is in dist/ and
// node_modules/, with dpkg-deb and nothing else. The same commit gives the same package, byte for byte.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { startupTemplate, unconfiguredText } from '../../shared/config/conf-template.ts';
import { defaultConfFile, defaultStartupFile } from '../../shared/config/paths.ts';
import { bashCompletion } from './completion.ts';
import { programPage, settingsPage } from './manual.ts';
import { programHelp } from './program-help.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const name = 'dynamo-dns';
const home = `usr/lib/${name}`;
const documents = `usr/share/doc/${name}`;
const programs = ['ddnsd', 'ddns-tui', 'ddns-node'];

/** Node's names of processors, and Debian's. */
const architectures = { x64: 'amd64', arm64: 'arm64' } as Record<string, string>;

/** What installed programs import; all else is bundled (shared/build/bundle.js). */
const imported = ['better-sqlite3', 'blessed', 'blessed-contrib'];

/** Maintainer of the package, as dch(1) takes it from the environment. */
const { DEBFULLNAME = 'Dynamo-DNS developers', DEBEMAIL = 'dynamo-dns@packages.invalid' } =
  process.env;
const maintainer = `${DEBFULLNAME} <${DEBEMAIL}>`;

/** A tree of files to be packed. */
class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), `${name}-`));

  path(file: string): string {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  write(file: string, content: string | Buffer, mode = 0o644): void {
    writeFileSync(this.path(file), content);
    chmodSync(this.path(file), mode);
  }

  /** gzip without a name and a time, as Debian asks for. */
  compress(file: string, content: string | Buffer): void {
    this.write(`${file}.gz`, gzipSync(content, { level: 9 }));
  }

  copy(from: string, to: string): void {
    cpSync(join(root, from), this.path(to), { recursive: true, preserveTimestamps: false });
  }

  files(): string[] {
    return globSync('**/*', { cwd: this.folder })
      .filter((file) => lstatSync(join(this.folder, file)).isFile() && !file.startsWith('DEBIAN/'))
      .toSorted();
  }
}

interface Lock {
  packages: Record<string, { dependencies?: Record<string, string> }>;
}

/** The folders in node_modules/ that `imported` need at run time, as the lock file resolves them. */
function neededPackages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const needed = new Set<string>();
  const add = (wanted: string, from: string) => {
    for (
      let place = from;
      ;
      place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))
    ) {
      const folder = join(place, 'node_modules', wanted);
      if (packages[folder] === undefined) {
        if (place === '')
          throw new Error(`${wanted}, which ${from} needs, is not in package-lock.json`);
        continue;
      }
      if (needed.has(folder)) return;
      needed.add(folder);
      for (const each of Object.keys(packages[folder].dependencies ?? {})) add(each, folder);
      return;
    }
  };
  for (const each of imported) add(each, '');
  // The headers for compiling better-sqlite3, which comes compiled.
  needed.delete('node_modules/node-addon-api');
  return [...needed];
}

/** Of a package, only what is imported, and its licence. */
function isNeeded(path: string): boolean {
  return !/\/(bin|test|tests|examples?|docs?|coverage|\.\w+)(\/|$)|\.(map|md|markdown|html|tgz|gif|jpe?g|ts|cc?|h)$|\/better-sqlite3\/(deps|src|binding)/i.test(
    path.slice(path.lastIndexOf('node_modules/')),
  );
}

function addPrograms(stage: Stage, version: string): void {
  stage.copy(`node_modules/node-linux-${process.arch}/bin/node`, `${home}/bin/node`);
  chmodSync(stage.path(`${home}/bin/node`), 0o755);
  const manifest = { name, version, type: 'module', license: 'MIT' };
  stage.write(`${home}/package.json`, `${JSON.stringify(manifest)}\n`);
  for (const file of globSync('programs/**/*.js', { cwd: join(root, 'dist') }))
    stage.write(`${home}/dist/${file}`, readFileSync(join(root, 'dist', file)));
  for (const program of [...programs, 'ddnsd-worker']) {
    const starter = readFileSync(join(root, 'dist', `${program}.js`), 'utf8');
    // Whatever the PATH says, and whatever Node the system has.
    const own = starter.replace(/^#!.*/, `#!/${home}/bin/node`);
    stage.write(`${home}/dist/${program}.js`, own, 0o755);
    if (program !== 'ddnsd-worker')
      symlinkSync(`../lib/${name}/dist/${program}.js`, stage.path(`usr/bin/${program}`));
  }
  for (const folder of neededPackages())
    for (const file of globSync('**/*', { cwd: join(root, folder) })) {
      const path = join(folder, file);
      const isNested = file.startsWith('node_modules/');
      if (isNested || !isNeeded(path) || !statSync(join(root, path)).isFile()) continue;
      if (file.startsWith('prebuilds/') && file !== `prebuilds/linux-${process.arch}.node`)
        continue;
      stage.write(`${home}/${path}`, readFileSync(join(root, path)));
    }
}

function addService(stage: Stage): void {
  const unit = readFileSync(join(root, 'daemon/systemd/ddnsd.service'), 'utf8');
  stage.write(
    'lib/systemd/system/ddnsd.service',
    unit
      .replace(/^(Exec\w+=)(?=ddns)/gm, '$1/usr/bin/')
      .replace('Found in /usr/local/bin or /usr/bin. ', ''),
  );
  stage.copy('daemon/systemd/sysusers.conf', `usr/lib/sysusers.d/${name}.conf`);
  stage.copy('daemon/systemd/low-ports.conf', `${documents}/examples/low-ports.conf`);
  stage.copy('daemon/systemd/backoff.conf', `${documents}/examples/backoff.conf`);
  stage.write(defaultConfFile('linux').slice(1), unconfiguredText);
  stage.write(
    defaultStartupFile('linux').slice(1),
    startupTemplate(defaultConfFile('linux'), 'linux'),
  );
}

function addDocuments(stage: Stage, edition: { version: string; date: string }): void {
  for (const program of programs) {
    const help = programHelp(join(root, 'dist'), program);
    stage.compress(`usr/share/man/man1/${program}.1`, programPage(help, edition));
    stage.write(`usr/share/bash-completion/completions/${program}`, bashCompletion(help));
  }
  stage.compress('usr/share/man/man5/ddns.conf.5', settingsPage(edition));
  for (const document of [
    'daemon/OPERATING.md',
    'daemon/clients/RESOLVERS.md',
    'daemon/systemd/README.md',
    'shared/config/SETTINGS.md',
    'shared/node/NODES.md',
    'shared/protocol/PROTOCOL.md',
    'tui/CONSOLE.md',
    'tui/KEYS.md',
  ])
    stage.compress(`${documents}/${document}`, readFileSync(join(root, document)));
  // Node's licence has those of all that it contains.
  stage.compress(
    `${documents}/node-licence`,
    readFileSync(join(root, `node_modules/node-linux-${process.arch}/LICENSE`)),
  );
  stage.compress(`${documents}/changelog`, readFileSync(join(root, 'CHANGELOG.md')));
}

/** Whose work is packed, under which licence. */
function copyright(stage: Stage): string {
  const packages = stage
    .files()
    .filter((file) => file.startsWith(`${home}/node_modules/`) && file.endsWith('/package.json'))
    .map((file) => JSON.parse(readFileSync(join(stage.folder, file), 'utf8')))
    .filter((each) => each.name !== undefined && each.version !== undefined)
    .map(
      ({ license, ...each }) =>
        `  ${each.name} ${each.version}: ${license?.type ?? license ?? 'see there'}`,
    );
  return [
    'Dynamo-DNS, a name server for a peer-to-peer network, and its console.\n',
    readFileSync(join(root, 'LICENSE'), 'utf8'),
    `Node.js ${process.version} in /${home}/bin: MIT; node-licence.gz beside this file has its`,
    'licence and those of the libraries in it.\n',
    `Packages of npm in /${home}/node_modules, each with its licence in its folder:\n`,
    ...packages,
    '',
  ].join('\n');
}

function control(version: string, architecture: string, kilobytes: number): string {
  return `Package: ${name}
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${kilobytes}
Depends: libc6 (>= 2.34), libgcc-s1, libstdc++6 (>= 11), systemd (>= 250)
Suggests: bash-completion
Section: net
Priority: optional
Description: name server for a peer-to-peer network, and its console
 A node that joins a peer-to-peer network needs a first point of contact. The
 name server ddnsd keeps the list of known hosts, and shares it with other name
 servers. The console ddns-tui shows, also over SSH, what a name server does.
 .
 This package brings its own Node.js.
`;
}

function build({ revision, out, compress }: typeof values): string {
  const architecture = architectures[process.arch];
  if (process.platform !== 'linux' || architecture === undefined)
    throw new Error(`the package is for Linux on ${Object.keys(architectures).join(' or ')}`);
  if (!existsSync('/usr/bin/dpkg-deb'))
    throw new Error('dpkg-deb is missing: run this on Debian, or install dpkg');
  const upstream = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version as string;
  const version = `${upstream}-${revision}`;
  const seconds =
    process.env.SOURCE_DATE_EPOCH ??
    execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).trim();
  const date = new Date(Number(seconds) * 1_000);
  const stage = new Stage();
  try {
    chmodSync(stage.folder, 0o755);
    addPrograms(stage, upstream);
    addService(stage);
    addDocuments(stage, { version: upstream, date: date.toISOString().slice(0, 10) });
    stage.write(`${documents}/copyright`, copyright(stage));
    stage.compress(
      `${documents}/changelog.Debian`,
      `${name} (${version}) unstable; urgency=medium\n\n  * Packages version ${upstream}; changelog.gz says what is new.\n\n -- ${maintainer}  ${date.toUTCString().replace('GMT', '+0000')}\n`,
    );
    stage.copy('daemon/packaging/debian/lintian-overrides', `usr/share/lintian/overrides/${name}`);
    const files = stage.files();
    const bytes = files.reduce((sum, file) => sum + statSync(join(stage.folder, file)).size, 0);
    const sums = files.map((file) => {
      const sum = createHash('md5').update(readFileSync(join(stage.folder, file)));
      return `${sum.digest('hex')}  ${file}\n`;
    });
    stage.write('DEBIAN/control', control(version, architecture, Math.ceil(bytes / 1_024)));
    stage.write('DEBIAN/md5sums', sums.join(''));
    const conffiles = [defaultConfFile('linux'), defaultStartupFile('linux')];
    stage.write('DEBIAN/conffiles', conffiles.map((file) => `${file}\n`).join(''));
    for (const script of ['postinst', 'prerm', 'postrm'])
      stage.write(
        `DEBIAN/${script}`,
        readFileSync(join(root, 'daemon/packaging/debian', script)),
        0o755,
      );
    const deb = join(resolve(out), `${name}_${version}_${architecture}.deb`);
    execFileSync(
      'dpkg-deb',
      // The lowest level of xz: a third of the time for a tenth more bytes.
      ['--root-owner-group', `-Z${compress}`, '-z1', '--build', stage.folder, deb],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, SOURCE_DATE_EPOCH: seconds },
      },
    );
    return deb;
  } finally {
    rmSync(stage.folder, { recursive: true });
  }
}

const { values } = parseArgs({
  options: {
    revision: { type: 'string', default: '1' },
    out: { type: 'string', default: '.' },
    compress: { type: 'string', default: 'xz' },
  },
});
process.stdout.write(`${build(values)}\n`);
