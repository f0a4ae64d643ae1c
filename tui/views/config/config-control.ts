// Brings what the daemon says of ddns.conf to the Config view, and takes changes back to it: first what
// a change would do, then saving it. One question at a time; failures become notices, never throws.
import type { IpcClient } from '../../../shared/ipc/client.ts';
import type { ConfigCheck } from '../../../shared/ipc/config-contract.ts';
import { type Control, createPacing } from '../../daemon/pacing.ts';
import type { Notice, StoreOf } from '../../state/common-state.ts';
import type { Edited } from '../../terminal/editor.ts';
import { failureText } from '../../text/failure.ts';
import {
  type ConfigState,
  draftKept,
  dropDraft,
  refreshMs,
  setReview,
  setText,
  takeConfig,
  takeNewer,
  takeReport,
  takeSaved,
  type WithConfig,
} from './config-state.ts';
import { changeOf } from './draft.ts';

interface ConfigControl extends Control {
  /** What the changes would do; the answer covers the form. */
  check(): Promise<void>;
  save(): Promise<void>;
  /** Takes over what came back from the editor, and checks it. */
  takeEdited(before: string, edited: Edited): Promise<void>;
  /** Reads the file now and takes it over; a conflict becomes a difference again. */
  reread(): Promise<void>;
}

export function createConfigControl(
  store: StoreOf<WithConfig>,
  client: () => IpcClient | null,
): ConfigControl {
  let isLoading = false;
  let asked: IpcClient | null = null;
  let readAt = Number.NEGATIVE_INFINITY;

  const change = (next: (config: ConfigState) => ConfigState) =>
    store.dispatch({ type: 'config', change: next });
  const notify = (tone: Notice['tone'], text: string) =>
    store.dispatch({ type: 'notice', notice: { tone, text } });

  const loadValidation = () => {
    if (isLoading) return;
    isLoading = true;
    import('./validation.ts').then(
      ({ validation }) => change((config) => ({ ...config, validation })),
      // The daemon checks all the same.
      (error: unknown) =>
        notify('warn', `values are not checked while you type: ${messageOf(error)}`),
    );
  };
  const read = async (attached: IpcClient) => {
    asked = attached;
    // None beside one that a key asked for.
    readAt = performance.now();
    try {
      const config = await attached.config();
      change((state) => takeReport(state, config, performance.now()));
    } catch (error) {
      if (client() === attached) change((state) => ({ ...state, failure: messageOf(error) }));
    } finally {
      readAt = performance.now();
    }
  };
  /** Runs a question that covers the form until it is answered. */
  const ask = async (text: string, question: (attached: IpcClient) => Promise<void>) => {
    const attached = client();
    const { review } = store.get().config;
    if (attached === null) {
      notify('warn', draftKept);
      return;
    }
    if (review?.kind === 'busy') return;
    change((state) => setReview(state, { kind: 'busy', text }));
    try {
      await question(attached);
    } catch (error) {
      change((state) => setReview(state, review));
      if (!pacing.isClosed) notify('bad', messageOf(error));
    }
  };
  const check = () =>
    ask('checking …', async (attached) => {
      const { config, draft } = store.get().config;
      if (config?.text == null) throw new Error('ddns.conf has not been read yet');
      const checked = await attached.checkConfig(changeOf(draft, config.text));
      if (checked.fingerprint !== config.fingerprint) {
        const now = await attached.config();
        change((state) => takeConfig(state, now));
        // Only the fingerprint is another one when the daemon was started again.
        if (store.get().config.newer !== null)
          return change((state) => setReview(state, { kind: 'conflict' }));
      }
      showChecked(checked);
    });
  const showChecked = (checked: ConfigCheck) => {
    const { problems, difference } = checked;
    if (problems.length > 0) change((state) => setReview(state, { kind: 'problems', problems }));
    else if (difference.length > 0)
      change((state) => setReview(state, { kind: 'difference', check: checked }));
    else {
      change(dropDraft);
      notify('good', 'nothing to save: ddns.conf has these values already');
    }
  };
  const save = () => {
    const { review, config, draft } = store.get().config;
    if (review?.kind !== 'difference' || store.get().readOnly || config?.text == null)
      return Promise.resolve();
    const params = { ...changeOf(draft, config.text), fingerprint: review.check.fingerprint };
    return ask('saving …', async (attached) => {
      const result = await attached.saveConfig(params);
      switch (result.outcome) {
        case 'saved':
          return change((state) => takeSaved(state, result));
        case 'unchanged':
          change((state) => takeConfig(dropDraft(state), result.config));
          return notify('good', 'nothing to save: ddns.conf has these values already');
        case 'conflict':
          change((state) => takeConfig(state, result.config));
          return change((state) => setReview(state, { kind: 'conflict' }));
        case 'refused':
          return change((state) =>
            setReview(state, { kind: 'problems', problems: result.problems }),
          );
      }
    });
  };

  const pump = () => {
    const { view, paused } = store.get();
    if (pacing.isClosed || view !== 'config') return;
    loadValidation();
    const attached = client();
    const isOld = paused === null && performance.now() - readAt >= refreshMs;
    if (attached !== null && (attached !== asked || isOld)) pacing.ask(0, () => read(attached));
  };
  const pacing = createPacing(pump);

  return {
    pump,
    check,
    save,
    takeEdited: async (before, edited) => {
      if ('failure' in edited) return notify('bad', edited.failure);
      if (edited.text === before) return notify('good', 'no changes made in the editor');
      change((state) => setReview(setText(state, edited.text), null));
      await check();
    },
    reread: async () => {
      const attached = client();
      const isConflict = store.get().config.review?.kind === 'conflict';
      if (attached === null) return notify('warn', 'not connected to the name server');
      await read(attached);
      change(takeNewer);
      if (!isConflict) return notify('good', 'ddns.conf re-read');
      change((state) => setReview(state, null));
      await check();
    },
    close: pacing.close,
  };
}

function messageOf(error: unknown): string {
  return failureText(error, 'show its settings');
}
