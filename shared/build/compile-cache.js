// What a program's starter does before it loads the program: Node keeps what it compiles, so that the next start is
// sooner. In a folder of the user, because compiled code is run without another look at it: not in one of all users,
// where somebody else could put it, and not with `sudo`, which may leave HOME that of another user.

/** The programs that people wait for. */
const awaited = new Set(['ddns-tui', 'ddns-demo']);

/** As text of an ES module, in a syntax that every Node can parse. @param program its name */
export function compileCacheText(program) {
  return awaited.has(program) ? `(${keepCompiled})(process, ${JSON.stringify(program)});` : '';
}

function keepCompiled(process, program) {
  const { HOME: home, XDG_CACHE_HOME: caches } = process.env;
  const { mkdirSync, statSync } = process.getBuiltinModule('fs');
  try {
    if (statSync(caches || home).uid !== process.getuid()) return;
    const folder = `${caches || `${home}/.cache`}/${program}`;
    // Node makes missing folders itself, and never gives up where the file system takes none, as /proc.
    for (const each of caches ? [folder] : [`${home}/.cache`, folder])
      if (!statSync(each, { throwIfNoEntry: false })) mkdirSync(each);
    process.getBuiltinModule('module').enableCompileCache(folder);
  } catch (_error) {
    // Without one it only starts later.
  }
}
