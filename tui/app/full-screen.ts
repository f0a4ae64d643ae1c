// The console on a terminal: starts the store, the attachment, the keyboard, the surface and Ink, and ends them
// again, however the program ends.
import { constants } from 'node:os';
import { setTimeout as afterWait } from 'node:timers/promises';
import { abilitiesOf } from '../abilities.ts';
import { bindings } from '../console/bindings.ts';
import {
  type ConsoleAction,
  firstState,
  type Opening,
  reduceConsole,
} from '../console/console-state.ts';
import { type ConsoleTarget, findBinding } from '../console/key-lookup.ts';
import { perform } from '../daemon/actions.ts';
import { type AttachEvent, connectTo, createAttachment } from '../daemon/attach.ts';
import { point } from '../frame/pointer.ts';
import { shellLines } from '../frame/shell.ts';
import { createInputOwner } from '../input/owner.ts';
import { type InputEvent, keyId } from '../input/parser.ts';
import { createReader } from '../reading/reader.ts';
import { readingTheme } from '../reading/spoken.ts';
import { createStore, type ViewName } from '../state/common-state.ts';
import { confirmed, typeInto } from '../state/prompt.ts';
import { adaptTo } from '../terminal/adapt.ts';
import { editText } from '../terminal/editor.ts';
import { createScreen, type Surface } from '../terminal/screen.ts';
import { createTheme } from '../theme.ts';
import { createBacklogControl } from '../views/backlog/backlog-control.ts';
import { createConfigControl } from '../views/config/config-control.ts';
import { dropDraft, textForEditor } from '../views/config/config-state.ts';
import { createHostsControl } from '../views/hosts/hosts-control.ts';
import { createHostsOperations } from '../views/hosts/hosts-operations.ts';
import { createLogControl } from '../views/log/log-control.ts';
import { createPeersOperations } from '../views/peers/peers-operations.ts';
import { copyAddresses } from './clipboard.ts';

/** Ages are shown in seconds. */
const tickMs = 1_000;
/** Time for the first frame with a view to reach the screen, and for keys that were typed early. */
const chartsWaitMs = 50;
/** Longer than a signal to the own process takes; time while stopped does not count. */
const resumeMs = 20;

interface FullScreenOptions {
  socketPath: string;
  view: ViewName;
  readOnly: boolean;
  /** whether the console has the mouse from the start */
  mouse: boolean;
  opening: Opening;
  env: NodeJS.ProcessEnv;
}

/**
 * Runs until the operator quits or a signal ends it.
 * @returns the exit code
 * @throws UnreachableError when the daemon cannot be attached to at the start; the terminal is as before
 */
export async function runFullScreen(options: FullScreenOptions): Promise<number> {
  const { stdin, stdout } = process;
  const abilities = abilitiesOf(options.env, process.platform);
  const surface: Surface = abilities.isRead
    ? createReader({ output: stdout, state: () => store.get(), adapt: adaptTo(abilities) })
    : createScreen(stdout, abilities);
  const now = () => performance.now();
  const first = firstState({
    size: surface.size(),
    view: options.view,
    readOnly: options.readOnly,
    // Lines that are read out have no place to click.
    mouse: abilities.isRead ? 'none' : options.mouse ? 'on' : 'off',
    now: now(),
    opening: options.opening,
  });
  const store = createStore(first, reduceConsole);
  const attachment = createAttachment({
    connect: connectTo(options.socketPath),
    onEvent: (event) => store.dispatch(actionFor(event, now())),
    random: Math.random,
  });
  // Before the screen is taken: an absent daemon is one line, not a flash.
  await attachment.start();

  const operations = createHostsOperations(store, attachment.client);
  const backlog = createBacklogControl(store, attachment.client);
  const config = createConfigControl(store, attachment.client);
  const controls = [
    createHostsControl(store, attachment.client),
    backlog,
    config,
    createLogControl(store, attachment.client),
  ];
  /** Lets each view request what it lacks. */
  const pump = () => {
    for (const control of controls) control.pump();
  };
  let finish: (code: number) => void = () => {};
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });

  const target: ConsoleTarget = {
    state: store.get,
    dispatch: store.dispatch,
    pingHosts: operations.ping,
    copy: (addresses) =>
      store.dispatch({
        type: 'notice',
        notice: copyAddresses(addresses, (text) => stdout.write(text)),
      }),
    syncSelected: createPeersOperations(store, attachment.client).sync,
    confirm: () => {
      const asked = confirmed(store.get());
      if (asked === null) return;
      store.dispatch({ type: 'prompt', prompt: null });
      if (asked.action === 'quit') return finish(0);
      if (asked.action === 'discard') return store.dispatch({ type: 'config', change: dropDraft });
      if (asked.action === 'remove') return operations.remove(asked.addresses);
      void perform(attachment.client(), asked).then((notice) => {
        store.dispatch({ type: 'notice', notice });
        if (asked.action === 'close') backlog.refresh();
      });
    },
    checkConfig: () => void config.check(),
    saveConfig: () => void config.save(),
    rereadConfig: () => void config.reread(),
    editConfig: () => {
      editing = editConfig();
    },
    retryNow: () => attachment.retryNow(),
    repaint: surface.again,
    suspend: () => suspend(),
    quit: () => finish(0),
  };

  const onInput = (event: InputEvent) => {
    const state = store.get();
    surface.answer();
    // A notice stays until the next key.
    if (state.notice !== null) store.dispatch({ type: 'notice', notice: null });
    if (event.type === 'mouse') return point(target, state, event);
    const binding = event.type === 'key' ? findBinding(bindings, state, keyId(event)) : null;
    if (binding) binding.run(target);
    else if (state.prompt && event.text !== '')
      store.dispatch({ type: 'prompt', prompt: typeInto(state.prompt, event.text) });
  };
  const input = createInputOwner(stdin, onInput, () => finish(0));
  const enter = () => {
    surface.enter();
    input.start();
  };
  const leave = () => {
    input.stop();
    surface.leave();
  };
  const resume = () => {
    clearTimeout(resuming);
    process.off('SIGTSTP', suspend);
    process.on('SIGTSTP', suspend);
    // A stopped process gets no signal when its window is resized: make Node look.
    process.emit('SIGWINCH', 'SIGWINCH');
    store.dispatch({ type: 'resized', size: surface.size() });
    enter();
    surface.again();
  };
  let resuming: NodeJS.Timeout | undefined;
  const suspend = () => {
    leave();
    process.off('SIGTSTP', suspend);
    // To the whole process group, as the terminal itself would: npm and a shell around it stop too. An orphaned
    // group, which nobody could continue, is not stopped by the system; then the console comes back at once.
    process.kill(0, 'SIGTSTP');
    resuming = setTimeout(resume, resumeMs);
  };
  /** Set while another program has the terminal. */
  let lent: AbortController | null = null;
  let editing: Promise<void> | null = null;
  const editConfig = async () => {
    const text = textForEditor(store.get().config);
    if (text === null || lent !== null) return;
    lent = new AbortController();
    leave();
    // Ctrl-Z in the editor stops the console too, as the shell expects; `fg` continues both.
    process.off('SIGTSTP', suspend);
    process.off('SIGCONT', resume);
    const { signal } = lent;
    const edited = await editText(text, { name: 'ddns.conf', env: options.env, signal });
    lent = null;
    if (signal.aborted) return;
    process.on('SIGCONT', resume);
    resume();
    // Not awaited: the console has the terminal again, and a daemon may take its time.
    void config.takeEdited(text, edited);
  };
  const onResize = () => {
    if (lent !== null) return;
    store.dispatch({ type: 'resized', size: surface.size() });
    surface.resized();
  };
  const onSignal = (signal: NodeJS.Signals) => {
    // Ctrl-C in the editor is for the editor.
    if (signal === 'SIGINT' && lent !== null) return;
    lent?.abort();
    finish(128 + (constants.signals[signal] ?? 0));
  };
  const onError = (error: unknown) => {
    leave();
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  };

  const endings: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of endings) process.on(signal, onSignal);
  process.on('SIGTSTP', suspend);
  process.on('SIGCONT', resume);
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  // After a terminal has gone every write fails; end as after SIGHUP.
  stdout.on('error', () => finish(128 + constants.signals.SIGHUP));
  stdout.on('resize', onResize);
  const followMouse = () => surface.takeMouse(store.get().mouse === 'on');
  followMouse();
  store.subscribe(() => {
    followMouse();
    pump();
  });
  const ticking = setInterval(() => store.dispatch({ type: 'tick', now: now() }), tickMs);

  enter();
  const theme = surface.isRead ? readingTheme : createTheme(options.env);
  const showShell = () => surface.show(shellLines(theme, store.get()));
  let stopDrawing = surface.isRead ? () => {} : store.subscribe(showShell);
  if (!surface.isRead) showShell();
  pump();
  const ended = new AbortController();
  const draw = async () => {
    const { startDrawing } = await import('../frame/drawing.tsx');
    if (ended.signal.aborted) return;
    stopDrawing();
    stopDrawing = startDrawing({ ...surface, store, theme, onError });
    // Charts take longer to load than everything else, and cannot be read out.
    if (surface.isRead) return;
    await afterWait(chartsWaitMs, undefined, { signal: ended.signal });
    (await import('../charts/pen.ts')).preparePen();
  };
  draw().catch((error: unknown) => {
    if (!ended.signal.aborted) onError(error);
  });

  const code = await finished;
  ended.abort();
  clearInterval(ticking);
  for (const control of controls) control.close();
  attachment.close();
  leave();
  // The editor was signalled to end; its file is removed then.
  await editing;
  stopDrawing();
  return code;
}

function actionFor(event: AttachEvent, now: number): ConsoleAction {
  switch (event.type) {
    case 'attached':
      return { type: 'snapshot', snapshot: event.snapshot, now };
    case 'delta':
      return { type: 'delta', delta: event.delta, now };
    case 'lost':
      return {
        type: 'connection',
        change: { type: 'lost', now, reason: event.reason, nextAt: now + event.waitMs },
      };
    case 'retrying':
      return { type: 'connection', change: { type: 'retrying' } };
    case 'retry-failed':
      return {
        type: 'connection',
        change: { type: 'retry-failed', reason: event.reason, nextAt: now + event.waitMs },
      };
  }
}
