// The console on a terminal: starts the store, the attachment, the keyboard and Ink, and ends them again, however the
// program ends.
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as afterWait } from 'node:timers/promises';
import { type Instance, render, renderToString } from 'ink';
import { createRef } from 'react';
import { abilitiesOf } from '../abilities.ts';
import { preparePen } from '../charts/pen.ts';
import { bindings } from '../console/bindings.ts';
import {
  type ConsoleAction,
  firstState,
  type Opening,
  reduceConsole,
} from '../console/console-state.ts';
import {
  type ConsoleTarget,
  findBinding,
  refusalText,
  refusedBinding,
} from '../console/key-lookup.ts';
import { perform } from '../daemon/actions.ts';
import { type AttachEvent, connectTo, createAttachment } from '../daemon/attach.ts';
import { Drawn, Keyboard, Read, type TerminalHandle } from '../frame/console.tsx';
import type { Pressed } from '../input/keyboard.ts';
import { KeyboardStream } from '../input/keyboard-stream.ts';
import { createReader, readingSize } from '../reading/reader.ts';
import { createStore, type ViewName } from '../state/common-state.ts';
import { confirmed, typeInto } from '../state/prompt.ts';
import { adaptTo } from '../terminal/adapt.ts';
import { editText } from '../terminal/editor.ts';
import { clean, normalModes } from '../terminal/modes.ts';
import { createTheme } from '../theme.ts';
import { createBacklogControl } from '../views/backlog/backlog-control.ts';
import { createConfigControl } from '../views/config/config-control.ts';
import { dropDraft, textForEditor } from '../views/config/config-state.ts';
import { createHostsControl } from '../views/hosts/hosts-control.ts';
import { createHostsOperations } from '../views/hosts/hosts-operations.ts';
import { createLogControl } from '../views/log/log-control.ts';
import { createPeersOperations } from '../views/peers/peers-operations.ts';
import { signalAlarms } from './alarm-signals.ts';
import { copyAddresses } from './clipboard.ts';
import { paced } from './paced.ts';

/** Ages are shown in seconds. */
const tickMs = 1_000;
/** Nobody sees more frames a second, and a slow link would queue them. */
const maxFps = 30;
/** Time for the first frame with a view to reach the screen, and for keys that were typed early. */
const chartsWaitMs = 50;
/** Longer than a signal to the own process takes; time while stopped does not count. */
const resumeMs = 20;
/** How long a terminal that takes nothing any more may hold up the end. */
const endMs = 1_000;

interface FullScreenOptions {
  socketPath: string;
  view: ViewName;
  readOnly: boolean;
  /** whether to ring when an alarm begins, and to name alarms in the title of the terminal's window; false by default */
  bell?: boolean;
  title?: boolean;
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
  const { isRead, restoresScreen } = abilities;
  const size = () =>
    isRead ? readingSize : { columns: stdout.columns || 80, rows: stdout.rows || 24 };
  const now = () => performance.now();
  const { view, readOnly, opening } = options;
  const store = createStore(
    firstState({ size: size(), view, readOnly, now: now(), opening }),
    reduceConsole,
  );
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
  const hungUp = () => finish(128 + constants.signals.SIGHUP);

  for (const stream of [stdout, process.stderr]) letWait(stream);
  const drawn = paced(store, stdout);
  const terminal = createRef<TerminalHandle>();
  const adapt = adaptTo(abilities);
  const reader = isRead
    ? createReader(
        store,
        () => renderToString(<Read store={store} />, readingSize).split('\n'),
        (text) => stdout.write(adapt(text)),
      )
    : null;
  const repaint = () => (reader ? reader.again() : terminal.current?.write(clean));

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
    repaint,
    suspend: () => void suspend(),
    quit: () => finish(0),
  };

  /** A notice stays until the next key. */
  const heard = () => {
    reader?.answer();
    drawn.answer();
    if (store.get().notice !== null) store.dispatch({ type: 'notice', notice: null });
  };
  const type = (text: string) => {
    const { prompt } = store.get();
    if (prompt && text !== '') store.dispatch({ type: 'prompt', prompt: typeInto(prompt, text) });
  };
  const onKey = ({ id, text }: Pressed) => {
    const binding = findBinding(bindings, store.get(), id);
    const refused = refusedBinding(bindings, store.get(), id);
    heard();
    if (binding) binding.run(target);
    else if (refused)
      store.dispatch({ type: 'notice', notice: { tone: 'warn', text: refusalText(refused) } });
    else type(text);
  };
  const onPaste = (text: string) => {
    heard();
    type(text);
  };

  let isLent = false;
  /** Gives the terminal as it was before to somebody else until `act` is done. */
  const lend = async (act: () => Promise<void>) => {
    if (isLent || terminal.current === null) return;
    isLent = true;
    reader?.stop();
    await terminal.current.suspend(async () => {
      // Lines that are read out are no frame of Ink's, which would leave the terminal as it is.
      if (isRead) keyboard.setRawMode(false);
      process.off('SIGTSTP', suspend);
      process.off('SIGCONT', resume);
      if (!isRead) stdout.write(normalModes(restoresScreen) + (restoresScreen ? '' : clean));
      await act();
      process.on('SIGTSTP', suspend);
      process.on('SIGCONT', resume);
      if (ended.signal.aborted) return;
      if (isRead) keyboard.setRawMode(true);
      else stdout.write(normalModes(restoresScreen));
    });
    isLent = false;
    if (ended.signal.aborted) return;
    reader?.start();
    // A stopped process gets no signal when its window is resized: make Node look.
    process.emit('SIGWINCH', 'SIGWINCH');
  };
  const suspend = () =>
    lend(async () => {
      // To the whole process group, as the terminal itself would: npm and a shell around it stop too. An orphaned
      // group, which nobody could continue, is not stopped by the system; then the console comes back at once.
      process.kill(0, 'SIGTSTP');
      await afterWait(resumeMs);
    });
  /** Somebody else may have had the terminal meanwhile. */
  const resume = () => lend(async () => {});
  let editing: Promise<void> | null = null;
  const editConfig = async () => {
    const text = textForEditor(store.get().config);
    if (text === null) return;
    await lend(async () => {
      const options_ = { name: 'ddns.conf', env: options.env, signal: ended.signal };
      const edited = await editText(text, options_);
      // Not awaited: the console has the terminal again, and a daemon may take its time.
      if (!ended.signal.aborted) void config.takeEdited(text, edited);
    });
  };
  const onResize = () => {
    if (isRead || isLent) return;
    drawn.answer();
    store.dispatch({ type: 'resized', size: size() });
    // Ink draws the old frame at the new size before the new one, wherever the terminal has moved it.
    void ink.waitUntilRenderFlush().then(repaint);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    // Ctrl-C in the editor is for the editor.
    if (signal === 'SIGINT' && isLent) return;
    finish(128 + (constants.signals[signal] ?? 0));
  };
  const onError = (error: unknown) => {
    ink.unmount();
    const text = error instanceof Error ? error.stack : String(error);
    // Once the screen is given back, and at once: the process ends.
    stdout.write('', () => {
      writeSync(process.stderr.fd, `${text}\n`);
      process.exit(1);
    });
  };

  const ended = new AbortController();
  const keyboard = new KeyboardStream(stdin);
  const controlled = (
    // Nothing but lines is written for a screen reader, no sequence that asks for marks around what is pasted either.
    <Keyboard onKey={onKey} onPaste={isRead ? null : onPaste} handle={terminal} />
  );
  const ink: Instance = render(null, {
    stdin: keyboard as unknown as NodeJS.ReadStream,
    alternateScreen: true,
    incrementalRendering: true,
    // All components follow a change of the store in one frame.
    concurrent: true,
    interactive: !isRead,
    maxFps,
    // Where it is supported, Escape is no longer the beginning of other keys.
    kittyKeyboard: { mode: restoresScreen && !isRead ? 'auto' : 'disabled' },
    // Ink's own mode for screen readers writes everything anew with each change.
    isScreenReaderEnabled: false,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  // Ink catches what a component throws.
  ink.waitUntilExit().catch(onError);

  const endings: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of endings) process.on(signal, onSignal);
  process.on('SIGTSTP', suspend);
  process.on('SIGCONT', resume);
  process.on('SIGWINCH', onResize);
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  // After a terminal has gone every write fails.
  stdout.on('error', hungUp);
  stdin.on('end', hungUp);
  store.subscribe(pump);
  const ticking = setInterval(() => store.dispatch({ type: 'tick', now: now() }), tickMs);

  if (isRead) {
    ink.rerender(controlled);
    reader?.start();
  } else {
    stdout.write(normalModes(restoresScreen) + clean);
    ink.rerender(
      <>
        {controlled}
        <Drawn store={drawn.store} theme={createTheme(options.env)} adapt={adapt} />
      </>,
    );
    // Charts take longer to load than everything else, and cannot be read out.
    afterWait(chartsWaitMs, undefined, { signal: ended.signal }).then(preparePen, () => {});
  }
  let stopSignals = () => {};
  try {
    pump();
    stopSignals = signalAlarms({
      store,
      write: (text) => void (isLent || stdout.write(text)),
      bell: options.bell ?? false,
      // Terminals that keep no screen have no window either, and would print its title.
      title: options.title === true && restoresScreen && !isRead,
    });
  } catch (error) {
    onError(error);
  }

  const code = await finished;
  // A terminal that takes nothing any more cannot be restored.
  setTimeout(() => process.exit(code), endMs).unref();
  ended.abort();
  clearInterval(ticking);
  for (const control of controls) control.close();
  attachment.close();
  // The editor was signalled to end; its file is removed then.
  await editing;
  stopSignals();
  reader?.stop();
  ink.unmount();
  if (!isRead) stdout.write(normalModes(restoresScreen) + (restoresScreen ? '' : clean));
  return code;
}

/**
 * Writes to a terminal in the background: one that takes nothing would hold up everything else, signals too. Node has no
 * public name for this.
 */
function letWait(stream: NodeJS.WriteStream): void {
  const { _handle } = stream as { _handle?: { setBlocking?(isBlocking: boolean): void } };
  _handle?.setBlocking?.(false);
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
