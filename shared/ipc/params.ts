// The parameters of every request of the IPC contract, as zod schemas: the daemon validates them at its
// boundary. Only the daemon loads this file; a console needs the types alone and would wait for zod.
import * as z from 'zod';
import { maxNodeIdLength } from '../protocol/limits.ts';
import { maxServerName } from '../protocol/server-name.ts';
import { hostDialects, hostStates } from '../protocol/sync-message.ts';
import { isNodeId, nodeIdRule } from '../protocol/tokens.ts';
import type { BackupQuery } from './backup-contract.ts';
import { type ConfigChange, type ConfigSave, maxEditedCharacters } from './config-contract.ts';
import {
  type AddressQuery,
  type HelloQuery,
  hostColumns,
  maxFilterLength,
  maxPageRows,
  type PageParams,
  type PageQuery,
} from './contract.ts';
import { type ImportQuery, maxImportedHosts } from './import-contract.ts';
import { type LogParams, type LogQuery, logHistory, queryLevels } from './log-contract.ts';

export const helloParams = z.strictObject({
  protocol: z.int().min(1),
  client: z.string().max(64),
  version: z.string().max(64),
  readOnly: z.boolean().optional(),
}) satisfies z.ZodType<HelloQuery, HelloQuery>;

export const pageParams = z.strictObject({
  filter: z.string().max(maxFilterLength).default(''),
  states: z.array(z.enum(hostStates)).min(1).max(2).default(['live']),
  sort: z
    .strictObject({ by: z.enum(hostColumns), descending: z.boolean() })
    .default({ by: 'address', descending: false }),
  anchor: z.string().max(256).optional(),
  inclusive: z.boolean().default(false),
  direction: z.enum(['forward', 'backward']).default('forward'),
  limit: z.int().min(1).max(maxPageRows).default(100),
}) satisfies z.ZodType<PageParams, PageQuery>;

export const addressParams = z.strictObject({
  address: z.string().max(64),
}) satisfies z.ZodType<AddressQuery, AddressQuery>;

/** A name server as it is named in NameServers; none: any, or all. */
export const drainParams = z.strictObject({ address: z.string().max(maxServerName).optional() });

export const syncParams = drainParams;

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
        value: z.string().max(maxValueLength).nullable(),
      }),
    )
    .max(maxEdits)
    .optional(),
  text: z
    .string()
    .max(maxEditedCharacters, {
      error: `the console can edit a ddns.conf of at most ${maxEditedCharacters} characters`,
    })
    .optional(),
};

function isOneChange({ edits, text }: ConfigChange): boolean {
  return (edits === undefined) !== (text === undefined);
}

const oneChange = 'either edits or a text';

export const changeParams = z
  .strictObject(changeShape)
  .refine(isOneChange, oneChange) satisfies z.ZodType<ConfigChange, ConfigChange>;

export const saveParams = z
  .strictObject({ ...changeShape, fingerprint: z.string().max(128) })
  .refine(isOneChange, oneChange) satisfies z.ZodType<ConfigSave, ConfigSave>;

export const logParams = z.strictObject({
  after: z.int().min(0).default(0),
  level: z.enum(queryLevels).default('trace'),
  filter: z.string().max(maxFilterLength).default(''),
  limit: z.int().min(1).max(logHistory).default(logHistory),
}) satisfies z.ZodType<LogParams, LogQuery>;

/** The id of a connection in the backlog. */
export const connectionParams = z.strictObject({ id: z.string().max(64) });

/** The latest time that a Date can have. */
const maxTime = 8_640_000_000_000_000;

const time = z.int().min(0).max(maxTime);

export const importParams = z.strictObject({
  hosts: z
    .array(
      z.strictObject({
        address: z.string().max(64),
        nodeId: z
          .string()
          .max(maxNodeIdLength)
          .refine(isNodeId, { error: `must be ${nodeIdRule}` }),
        firstSeen: time,
        lastSeen: time,
        dialect: z.enum(hostDialects),
      }),
    )
    .max(maxImportedHosts),
  more: z.boolean(),
}) satisfies z.ZodType<ImportQuery, ImportQuery>;

export const backupParams = z.strictObject({
  id: z.string().max(16),
  at: z.int().min(0),
}) satisfies z.ZodType<BackupQuery, BackupQuery>;

export const noParams = z.strictObject({});
