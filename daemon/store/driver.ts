import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';

/**
 * SQLite's driver, a native addon, loaded late so that a missing or broken one is reported like any other
 * StoreError.
 */
export function loadDriver(): typeof Database {
  return createRequire(import.meta.url)('better-sqlite3');
}
