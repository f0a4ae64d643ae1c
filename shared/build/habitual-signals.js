// Signals that other software sends by habit, and which would end a program without a handler: log rotation
// (HUP, USR1, USR2), timers and terminals that are inherited (ALRM, IO). SIGUSR1 would have Node open a port
// for debuggers. A handler is installed by a program's first statement and never taken away again.

const always = ['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGIO'];

const besides = {
  // Reads its configuration anew once there is one.
  ddnsd: ['SIGHUP'],
  // Its main process alone says when to end: a terminal's signals, and a supervisor's, go to all processes.
  'ddnsd-worker': ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGPWR', 'SIGTTIN', 'SIGTTOU'],
};

/** Those that must not end `program`, whenever they come. */
export function habitualSignals(program) {
  return [...always, ...(besides[program] ?? [])];
}
