// How a starter runs a program that people wait for. V8 compiles a function when it is first called: that is a third of
// what such a start costs, and what Node's own cache leaves out, which holds what was compiled before the program ran.
// So the program is one script, and what was compiled of it is kept once its screen is there. In a folder of the user,
// because compiled code is run without another look at it: not in one of all users, where somebody else could put it,
// and not with `sudo`, which may leave HOME that of another user.

/** The programs that people wait for. */
const awaited = new Set(['ddns-tui', 'ddns-demo']);

/**
 * The file of such a program: a function that runs it. `programUrl` is its own address; it calls `keepCompiled` once its
 * screen is there.
 */
export function awaitedProgram(code) {
  return `(async function (programUrl, keepCompiled) {${code}\n})\n`;
}

/** The statement that runs `program`, in a syntax that every Node can parse. @param hash differs with its code */
export function runText(program, hash) {
  return awaited.has(program)
    ? `(${run})(process, import.meta.url, ${JSON.stringify(program)}, ${JSON.stringify(hash)});`
    : `import("./programs/${program}.js");`;
}

function run(process, starter, program, hash) {
  const fs = process.getBuiltinModule('fs');
  const module = process.getBuiltinModule('module');
  const { Script, constants } = process.getBuiltinModule('vm');
  const url = new URL(`./programs/${program}.js`, starter);
  const folder = ownFolder();
  const file = folder && `${folder}/${process.version}-${process.arch}`;
  const kept = read();
  const script = new Script(fs.readFileSync(url, 'latin1'), {
    filename: url.href,
    cachedData: kept ? kept.code : undefined,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  /** 's': until its screen was there, 'c': by a command, '': not */
  let keptAs = kept && !script.cachedDataRejected ? kept.as : '';
  process.on('exit', () => keptAs || keep('c'));
  return script.runInThisContext()(url.href, () => {
    if (keptAs !== 's') keep('s');
    module.flushCompileCache();
  });

  function ownFolder() {
    const {
      HOME: home,
      XDG_CACHE_HOME: caches,
      NODE_DISABLE_COMPILE_CACHE: isDisabled,
    } = process.env;
    try {
      if (isDisabled || fs.statSync(caches || home).uid !== process.getuid()) return;
      const folder = `${caches || `${home}/.cache`}/${program}`;
      // Node makes missing folders itself, and never gives up where the file system takes none, as /proc.
      for (const each of caches ? [folder] : [`${home}/.cache`, folder])
        if (!fs.statSync(each, { throwIfNoEntry: false })) fs.mkdirSync(each);
      // For packages that are not part of the script.
      module.enableCompileCache(folder);
      return folder;
    } catch (_error) {
      // Without one it only starts later.
    }
  }

  /** V8 itself would run whatever a bad disk has made of the code. */
  function sumOf(bytes) {
    return process.getBuiltinModule('zlib').crc32(bytes).toString(16).padStart(8, '0');
  }

  /** Behind the code: what it was compiled of, how it was kept, and the sum of all that. */
  function read() {
    try {
      const whole = fs.readFileSync(file);
      const end = whole.length - 8;
      const [code, rest] = [
        whole.subarray(0, end - 1 - hash.length),
        whole.toString('latin1', end - 1),
      ];
      if (
        whole.toString('latin1', code.length, end - 1) === hash &&
        rest.slice(1) === sumOf(whole.subarray(0, end))
      )
        return { code, as: rest[0] };
    } catch (_error) {
      // Not kept yet.
    }
  }

  /** Whole or not at all, whoever else does so at the same time. */
  function keep(as) {
    keptAs = as;
    if (!file) return;
    const written = `${file}.${process.pid}`;
    try {
      const whole = Buffer.concat([script.createCachedData(), Buffer.from(hash + as)]);
      fs.writeFileSync(written, Buffer.concat([whole, Buffer.from(sumOf(whole))]), { mode: 0o600 });
      fs.renameSync(written, file);
    } catch (_error) {
      fs.rmSync(written, { force: true });
    }
  }
}
