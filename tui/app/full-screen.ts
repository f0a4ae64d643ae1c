// The console on a terminal: puts the store, the attachment, the screen and the keys together, and ends them again,
// however the program ends.
import { abilitiesOf } from '../abilities.ts';
import { isTooSmall } from '../components/layout.ts';
import { bindings } from '../console/bindings.ts';
import { firstState, type Opening } from '../console/console-state.ts';
import { createFleetStore } from '../console/fleet-store.ts';
import { type ConsoleTarget, findBinding, keyRefusal } from '../console/key-lookup.ts';
import { connectTo, createAttachment, startAny } from '../daemon/attach.ts';
import type { NamedSocket } from '../daemon/socket-path.ts';
import type { Pressed } from '../input/keyboard.ts';
import type { ThemeName } from '../look.ts';
import { readingSize } from '../reading/reader.ts';
import type { ViewName } from '../state/common-state.ts';
import { typeInto } from '../state/prompt.ts';
import type { ColumnChoice } from '../text/column-names.ts';
import { signalAlarms } from './alarm-signals.ts';
import { actionFor, type ConsoleActions, createConsoleActions } from './console-actions.ts';
import { endWithError, followTerminal } from './terminal-events.ts';

/** Ages are shown in seconds. */
const tickMs = 1_000;
/** How long a terminal that takes nothing any more may hold up the end. */
const endMs = 1_000;
/** By then the first view is there, with its charts. */
const shownMs = 2_000;

/** Lets the next start have what was compiled for this one (shared/build/compile-cache.js); only bundled. */
declare const keepCompiled: (() => void) | undefined;

interface FullScreenOptions {
  /** of the name servers; several have names */
  sockets: readonly NamedSocket[];
  /** whether the list of several name servers is shown first; false by default */
  startsInFleet?: boolean;
  view: ViewName;
  readOnly: boolean;
  /** whether to ring when an alarm begins, and to name alarms in the title of the terminal's window; false by default */
  bell?: boolean;
  title?: boolean;
  /** whether times are shown in UTC at first; by default in the zone of this machine */
  isUtc?: boolean;
  opening: Opening;
  /** of tables; by default all that have room */
  columns?: ColumnChoice;
  /** by default that of the environment */
  theme?: ThemeName | undefined;
  /** that of the console's file */
  fileTheme?: ThemeName | undefined;
  /** what is wrong with that file; null by default */
  problem?: string | null;
  env: NodeJS.ProcessEnv;
}

/**
 * Runs until the operator quits or a signal ends it.
 * @returns the exit code
 * @throws UnreachableError when no daemon can be attached to at the start; the terminal is as before
 */
export async function runFullScreen(options: FullScreenOptions): Promise<number> {
  const { view, readOnly, isUtc, opening, columns, env } = options;
  const { stdout } = process;
  const abilities = abilitiesOf(env, process.platform);
  const { isRead, restoresScreen } = abilities;
  const size = () =>
    isRead ? readingSize : { columns: stdout.columns || 80, rows: stdout.rows || 24 };
  const now = () => performance.now();
  const store = createFleetStore(
    options.sockets,
    firstState({ size: size(), view, readOnly, isUtc, now: now(), opening, columns }),
    options.startsInFleet,
  );
  const attachments = options.sockets.map(({ path }, index) =>
    createAttachment({
      connect: connectTo(path, { readOnly }),
      onEvent: (event) => store.of(index).dispatch(actionFor(event, now())),
      keepsTrying: options.sockets.length > 1,
    }),
  );
  const { problem = null } = options;
  if (problem !== null) store.dispatch({ type: 'notice', notice: { tone: 'warn', text: problem } });
  // Before the screen is taken: an absent daemon is one line, not a flash.
  // The daemon answers while Ink loads.
  const [, { createInkApp }] = await Promise.all([startAny(attachments), import('./ink-app.tsx')]);

  const ended = new AbortController();
  let finish: (code: number) => void = () => {};
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });
  // Terminals that keep no screen have no window either, and would print its title.
  const hasTitle = options.title === true && restoresScreen && !isRead;
  const onError = (error: unknown) => endWithError(error, app.close);
  const app = createInkApp({
    ...{ store, abilities, hasTitle, onError },
    look: { option: options.theme, env, file: options.fileTheme },
    onKey: (key) => {
      app.answer();
      press(target(), key);
    },
    onPaste: (text) => {
      app.answer();
      type(target(), text);
    },
  });
  const terminal = followTerminal({
    app,
    onEnd: finish,
    onResize: () => {
      if (isRead) return;
      store.dispatch({ type: 'resized', size: size() });
      app.resized();
    },
    ended: ended.signal,
  });
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  const actions = attachments.map((attachment, index) =>
    createConsoleActions({
      ...{ store: store.of(index), attachment, app, terminal, env },
      quit: () => finish(0),
      ended: ended.signal,
    }),
  );
  const current = () => actions[store.current()] as ConsoleActions;
  /** What a key acts on: the name server that is shown. */
  const target = (): ConsoleTarget => ({
    ...current().target,
    state: store.get,
    dispatch: store.dispatch,
  });
  const pump = () => current().pump();
  store.subscribe(pump);
  const ticking = setInterval(() => store.dispatch({ type: 'tick', now: now() }), tickMs);
  app.start();
  // However this start ends.
  if (typeof keepCompiled === 'function') setTimeout(keepCompiled, shownMs).unref();
  let stopSignals = () => {};
  try {
    pump();
    stopSignals = signalAlarms({
      store,
      write: (text) => stdout.write(text),
      isLent: app.isLent,
      timesLent: app.timesLent,
      bell: options.bell ?? false,
      title: hasTitle,
    });
  } catch (error) {
    onError(error);
  }

  const code = await finished;
  // A terminal that takes nothing any more cannot be restored.
  setTimeout(() => process.exit(code), endMs).unref();
  ended.abort();
  clearInterval(ticking);
  for (const attachment of attachments) attachment.close();
  await Promise.all(actions.map((each) => each.close()));
  await app.quiet();
  stopSignals();
  app.close();
  return code;
}

/** Runs what the key is bound to, or types it. A notice stays until the next key. */
function press(target: ConsoleTarget, { id, text }: Pressed): void {
  const binding = findBinding(bindings, target.state(), id);
  const refusal = keyRefusal(bindings, target.state(), id);
  target.dispatch({ type: 'notice', notice: null });
  if (binding) binding.run(target);
  else if (refusal !== null)
    target.dispatch({ type: 'notice', notice: { tone: 'warn', text: refusal } });
  else type(target, text);
}

function type(target: ConsoleTarget, text: string): void {
  const { prompt, size } = target.state();
  target.dispatch({ type: 'notice', notice: null });
  if (prompt && text !== '' && !isTooSmall({ size }))
    target.dispatch({ type: 'prompt', prompt: typeInto(prompt, text) });
}
