// The parameters of every request of the IPC contract, as zod schemas: the daemon checks them at its
// boundary. Only the daemon loads this file; whoever attaches needs no more than the types, which
// contract.ts derives from here, and would wait for zod to load.
import { z } from 'zod';
import { hostStates } from '../protocol/sync-message.ts';
import { maxEditedCharacters } from './config-contract.ts';
import { hostColumns, maxFilterLength, maxPageRows } from './contract.ts';
import { logHistory, queryLevels } from './log-contract.ts';

export const helloParams = z.strictObject({
  protocol: z.int().min(1),
  client: z.string().max(64),
  version: z.string().max(64),
});

export const pageParams = z.strictObject({
  /** Words that must all occur in address or node id; `!word` must not. Case does not matter. */
  filter: z.string().max(maxFilterLength).default(''),
  states: z.array(z.enum(hostStates)).min(1).max(2).default(['live']),
  sort: z
    .strictObject({ by: z.enum(hostColumns), descending: z.boolean() })
    .default({ by: 'address', descending: false }),
  /** A key from an earlier page. Without one: from the first row, or the last if `backward`. */
  anchor: z.string().max(256).optional(),
  /** Whether the row of `anchor` itself belongs to the page. */
  inclusive: z.boolean().default(false),
  direction: z.enum(['forward', 'backward']).default('forward'),
  limit: z.int().min(1).max(maxPageRows).default(100),
});

export const addressParams = z.strictObject({ address: z.string().max(64) });

/** Without an address: to the less loaded peers. */
export const drainParams = z.strictObject({ address: z.string().max(64).optional() });

/** Without an address: with every peer. */
export const syncParams = z.strictObject({ address: z.string().max(64).optional() });

/** Most settings changed at once: several times as many as there are. */
const maxEdits = 100;

/** Names are far shorter; a value is at most a line of ddns.conf. */
const maxNameLength = 64;
const maxValueLength = 4096;

const changeShape = {
  edits: z
    .array(
      z.strictObject({
        name: z.string().max(maxNameLength),
        /** null takes the setting out of the file */
        value: z.string().max(maxValueLength).nullable(),
      }),
    )
    .max(maxEdits)
    .optional(),
  text: z
    .string()
    .max(maxEditedCharacters, {
      error: `a ddns.conf that is edited here has at most ${maxEditedCharacters} characters`,
    })
    .optional(),
};

function isOneChange({ edits, text }: { edits?: unknown; text?: unknown }): boolean {
  return (edits === undefined) !== (text === undefined);
}

const oneChange = 'either edits or a text';

export const changeParams = z.strictObject(changeShape).refine(isOneChange, oneChange);

export const saveParams = z
  .strictObject({ ...changeShape, fingerprint: z.string().max(128) })
  .refine(isOneChange, oneChange);

export const logParams = z.strictObject({
  /** Only lines with a larger number. */
  after: z.int().min(0).default(0),
  /** Only lines that are as urgent as this, or more. */
  level: z.enum(queryLevels).default('trace'),
  /** Words that must all occur in a line; `!word` must not. Case does not matter. */
  filter: z.string().max(maxFilterLength).default(''),
  limit: z.int().min(1).max(logHistory).default(logHistory),
});

/** The id of a connection in the backlog. */
export const connectionParams = z.strictObject({ id: z.string().max(64) });

export const noParams = z.strictObject({});
