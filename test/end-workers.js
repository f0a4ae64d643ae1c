// Ends the process of a test file in which opening a named pipe hangs, or another operation on a file. Node waits
// for it at the end; a signal does not end that where a test listens for signals, as Ink does; and ava waits for
// the process.
import { spawn } from 'node:child_process';

/** For operations that are about to end: much more than that takes on a busy machine, in seconds. */
const patience = 5;

process.on('exit', () => {
  if (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq')))
    spawn('sh', ['-c', `sleep ${patience}; kill -KILL ${process.pid}`], {
      detached: true,
      stdio: 'ignore',
    });
});
