// What systemd is told about this process (sd_notify(3)): how long its start may take, that it is ready, that it is
// alive, that it stops, and one line of status. Node cannot send datagrams to a Unix socket. A small shell beside the daemon starts systemd-notify
// for each message, so that the daemon itself, with all its memory, is not forked. It ends with the daemon's end
// of the pipe. The unit needs NotifyAccess=all, because the messages come from a child.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Logger } from '../log.ts';

/** Sends each line of its input; systemd-notify waits until systemd has read the message. */
const sendEachLine = 'while IFS= read -r line; do systemd-notify -- "$line"; done';

/** systemd kills the service when no sign of life came for WatchdogSec: this many are sent in that time. */
const signsOfLife = 3;

/** Microseconds of a millisecond, the unit of WATCHDOG_USEC. */
const usPerMs = 1_000;

export class ServiceManager {
  /** between two signs of life, in ms; null: nobody waits for them */
  readonly aliveEveryMs: number | null;
  private readonly env: NodeJS.ProcessEnv;
  private readonly log: Logger;
  private status = '';
  private sender: ChildProcess | null = null;
  private ticker: NodeJS.Timeout | null = null;

  /** `env` is the environment that systemd started this process with; without NOTIFY_SOCKET nothing is sent. */
  constructor(env: NodeJS.ProcessEnv, log: Logger) {
    this.env = env;
    this.log = log;
    const { WATCHDOG_USEC: timeoutUs = '', WATCHDOG_PID: pid = `${process.pid}` } = env;
    const isMeant = Number(timeoutUs) > 0 && pid === `${process.pid}`;
    this.aliveEveryMs = isMeant ? Number(timeoutUs) / usPerMs / signsOfLife : null;
  }

  /** Shows `text`, one printable line, in `systemctl status`. */
  say(text: string): void {
    if (text === this.status) return;
    this.status = text;
    this.send(`STATUS=${text}`);
  }

  /** Asks for `ms` from now until the service answers, where the unit gives less: a start may take long and be well. */
  needs(ms: number): void {
    this.send(`EXTEND_TIMEOUT_USEC=${Math.round(ms * usPerMs)}`);
  }

  /** Tells that the service answers. From now on the event loop gives the signs of life, and `describe` the status. */
  ready(describe: () => string): void {
    this.say(describe());
    this.send('READY=1');
    if (this.aliveEveryMs === null || this.env.NOTIFY_SOCKET === undefined) return;
    this.ticker = setInterval(() => {
      this.send('WATCHDOG=1');
      this.say(describe());
    }, this.aliveEveryMs);
  }

  /** Tells that the service stops. It gives signs of life until `close`. */
  stopping(text: string): void {
    this.send('STOPPING=1');
    this.say(text);
  }

  close(): void {
    if (this.ticker !== null) clearInterval(this.ticker);
    this.sender?.stdin?.end();
  }

  private send(line: string): void {
    if (this.env.NOTIFY_SOCKET === undefined) return;
    this.sender ??= this.start();
    this.sender.stdin?.write(`${line}\n`);
  }

  private start(): ChildProcess {
    const sender = spawn('/bin/sh', ['-c', sendEachLine], {
      env: this.env,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    // One that was killed is replaced with the next message.
    const gone = () => {
      if (this.sender === sender) this.sender = null;
    };
    sender.once('exit', gone);
    sender.once('error', (error) => {
      gone();
      this.log.warn(`systemd is not notified: ${error.message}`);
    });
    sender.stdin?.on('error', gone);
    return sender;
  }
}
