// Signals that other software sends by habit and that end a program without a handler: from log rotation (HUP, USR1,
// USR2), inherited timers and terminals (ALRM, IO). SIGUSR1 would make Node open a port for debuggers. The handlers are
// installed by a program's first statement and never removed.

const always = ['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGIO'];

const besides = {
  // Reads its configuration anew once there is one.
  ddnsd: ['SIGHUP'],
  // Its main process alone says when to end: a terminal's signals, and a supervisor's, go to all processes.
  'ddnsd-worker': ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGPWR', 'SIGTTIN', 'SIGTTOU'],
};

/** Names of the signals that must never end `program`. */
export function habitualSignals(program) {
  return [...always, ...(besides[program] ?? [])];
}
