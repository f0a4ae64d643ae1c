// What brings the views their data, and what keys do with the name server.
import type { IpcClient } from '../../shared/ipc/client.ts';
import type { ConsoleAction, ConsoleStore } from '../console/console-state.ts';
import type { ConsoleTarget } from '../console/key-lookup.ts';
import { perform, syncPeer } from '../daemon/actions.ts';
import type { AttachEvent, Attachment } from '../daemon/attach.ts';
import { confirmed } from '../state/prompt.ts';
import { type Edited, editText } from '../terminal/editor.ts';
import { createBacklogControl } from '../views/backlog/backlog-control.ts';
import { createConfigControl } from '../views/config/config-control.ts';
import { dropDraft, textForEditor } from '../views/config/config-state.ts';
import { createHostsControl } from '../views/hosts/hosts-control.ts';
import { createHostsOperations } from '../views/hosts/hosts-operations.ts';
import { createLogControl } from '../views/log/log-control.ts';
import { selectedPeer } from '../views/peers/peers-state.ts';
import { copyAddresses } from './clipboard.ts';
import type { InkApp } from './ink-app.tsx';
import type { TerminalEvents } from './terminal-events.ts';

interface ConsoleActionsOptions {
  store: ConsoleStore;
  attachment: Attachment;
  app: InkApp;
  terminal: TerminalEvents;
  quit(): void;
  env: NodeJS.ProcessEnv;
  /** aborted when the program ends; then the editor ends, too */
  ended: AbortSignal;
}

export interface ConsoleActions {
  target: ConsoleTarget;
  /** Lets each view request what it lacks. */
  pump(): void;
  /** @returns when the editor has ended and its file is removed */
  close(): Promise<void>;
}

export function createConsoleActions(options: ConsoleActionsOptions): ConsoleActions {
  const { store, attachment, app, terminal, quit, env, ended } = options;
  const { client } = attachment;
  const backlog = createBacklogControl(store, client);
  const config = createConfigControl(store, client);
  const hosts = createHostsOperations(store, client);
  const controls = [
    createHostsControl(store, client),
    backlog,
    config,
    createLogControl(store, client),
  ];
  let editing = Promise.resolve();

  const confirm = () => {
    const asked = confirmed(store.get());
    if (asked === null) return;
    store.dispatch({ type: 'prompt', prompt: null });
    if (asked.action === 'quit') return quit();
    if (asked.action === 'discard') return store.dispatch({ type: 'config', change: dropDraft });
    if (asked.action === 'remove') return hosts.remove(asked.addresses);
    void perform(client(), asked).then((notice) => {
      store.dispatch({ type: 'notice', notice });
      if (asked.action === 'close') backlog.refresh();
    });
  };
  const edit = async () => {
    const text = textForEditor(store.get().config);
    if (text === null) return;
    await terminal.lend(async () => {
      const edited: Edited = await editText(text, { name: 'ddns.conf', env, signal: ended });
      // Not awaited: the console has the terminal again, and a daemon may take its time.
      if (!ended.aborted) void config.takeEdited(text, edited);
    });
  };
  const target: ConsoleTarget = {
    state: store.get,
    dispatch: store.dispatch,
    pingHosts: hosts.ping,
    copy: (addresses) => {
      const notice = copyAddresses(addresses, (text) => process.stdout.write(text));
      store.dispatch({ type: 'notice', notice });
    },
    syncSelected: () => void syncSelected(store, client()),
    confirm,
    checkConfig: () => void config.check(),
    saveConfig: () => void config.save(),
    rereadConfig: () => void config.reread(),
    editConfig: () => {
      editing = edit();
    },
    retryNow: attachment.retryNow,
    repaint: app.repaint,
    suspend: terminal.suspend,
    quit,
  };
  return {
    target,
    pump: () => {
      for (const control of controls) control.pump();
    },
    close: () => {
      for (const control of controls) control.close();
      return editing;
    },
  };
}

/** A notice says that it began, and another how it ended. */
async function syncSelected(store: ConsoleStore, client: IpcClient | null): Promise<void> {
  const peer = selectedPeer(store.get());
  if (peer === null) return;
  const text = `syncing with ${peer.address} …`;
  store.dispatch({ type: 'notice', notice: { tone: 'good', text, isProgress: true } });
  store.dispatch({ type: 'notice', notice: await syncPeer(client, peer.address) });
}

/** What an event of the attachment changes. @param now the console's monotonic clock */
export function actionFor(event: AttachEvent, now: number): ConsoleAction {
  switch (event.type) {
    case 'attached':
      return { type: 'snapshot', snapshot: event.snapshot, now };
    case 'delta':
      return { type: 'delta', delta: event.delta, now };
    case 'retrying':
      return { type: 'connection', change: event };
    default: {
      const { waitMs, ...change } = event;
      return { type: 'connection', change: { ...change, now, nextAt: now + waitMs } };
    }
  }
}
