import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { editorCommand, editText } from '../../../tui/terminal/editor.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

/** An editor that is a script; `$1` is the file, `$2` whatever the command line had before it. */
function scriptEditor(t: ExecutionContext, lines: string): string {
  const script = join(makeFolder(t), 'an editor.sh');
  writeFileSync(script, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return `'${script}'`;
}

function edit(editor: string, text: string, signal = new AbortController().signal) {
  const env = { ...process.env, VISUAL: editor };
  return editText(text, { name: 'ddns.conf', env, signal });
}

test('editor › VISUAL comes before EDITOR, and vi is everywhere', (t) => {
  t.is(editorCommand({ VISUAL: 'code --wait', EDITOR: 'nano' }, 'linux'), 'code --wait');
  t.is(editorCommand({ VISUAL: '', EDITOR: 'nano -w' }, 'linux'), 'nano -w');
  t.is(editorCommand({}, 'linux'), 'vi');
  t.is(editorCommand({}, 'win32'), 'notepad');
});

test('editor › the text is in a file for the operator alone, which is removed afterwards', async (t) => {
  const notes = join(makeFolder(t), 'notes');
  const editor = scriptEditor(t, `stat -c '%a %n' "$1" > '${notes}'; echo 'TTL=5m' >> "$1"`);
  t.deepEqual(await edit(editor, '\ufeffPort=1\r\n'), { text: '\ufeffPort=1\r\nTTL=5m\n' });
  const [mode, file = ''] = readFileSync(notes, 'utf8').trim().split(' ');
  t.is(mode, '600');
  t.regex(file, /\/ddns\.conf$/);
  t.false(existsSync(dirname(file)));
});

test('editor › its command may have parameters', async (t) => {
  const editor = scriptEditor(t, 'echo "$1" > "$2"');
  t.deepEqual(await edit(`${editor} --wait`, 'Port=1\n'), { text: '--wait\n' });
});

test('editor › nothing is taken over from an editor that fails, is missing or saves no text', async (t) => {
  const failure = async (editor: string) => {
    const edited = await edit(editor, 'Port=1\n');
    return 'failure' in edited ? edited.failure : null;
  };
  const failing = scriptEditor(t, 'echo X > "$1"; exit 3');
  t.is(await failure(failing), `${failing} ended with code 3; edits discarded`);
  t.is(
    await failure('/nowhere/editor 2>/dev/null'),
    '/nowhere/editor 2>/dev/null was not found; name another one in VISUAL or EDITOR; edits discarded',
  );
  const binary = scriptEditor(t, `printf '\\377' > "$1"`);
  t.is(await failure(binary), 'the text is not UTF-8; edits discarded');
});

test('editor › it ends with the console', async (t) => {
  const folder = makeFolder(t);
  const [pidFile, names] = [join(folder, 'pid'), join(folder, 'names')];
  const editor = scriptEditor(
    t,
    `trap 'exit 1' HUP; echo "$1" > '${names}'; echo $$ > '${pidFile}'; while :; do sleep 0.02; done`,
  );
  const stop = new AbortController();
  const edited = edit(`exec ${editor}`, 'Port=1\n', stop.signal);
  await lookUntil(() => existsSync(pidFile) && statSync(pidFile).size > 0);
  stop.abort();
  t.true('failure' in (await edited));
  t.false(existsSync(dirname(readFileSync(names, 'utf8').trim())));
});
