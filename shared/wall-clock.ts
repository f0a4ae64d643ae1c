// The wall clock, for times that are stored, sent to others or displayed. It is set now and then, forwards and back, so
// nothing is measured with it: deadlines, retries and ages use `performance.now()`, which never jumps. Only this file
// reads it; test/architecture.test.ts checks where the result is used.

/** Milliseconds since 1970 by this machine's clock, right or wrong. */
export function wallNow(): number {
  return Date.now();
}
