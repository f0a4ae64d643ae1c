// The wall clock, for times that are stored, told to others or shown. It is set now and then, forwards
// and back, so nothing is measured with it: deadlines, retries and ages use `performance.now()`, which
// never jumps. It is read here only, and test/architecture.test.ts says where the result may be used.

/** Milliseconds since 1970 by this machine's clock, right or wrong. */
export function wallNow(): number {
  return Date.now();
}
