// How far a command came: a bar on a terminal, a line now and then elsewhere, so that a log or a screen reader has
// something to go by. It goes to standard error; what the command prints stays alone on standard output.
import { abilitiesOf, type Environment } from '../abilities.ts';

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;

const cells = 30;
const drawEveryMs = 100;
const lineEveryMs = 5_000;
/** To the start of the line, and what stands behind the cursor away. */
const [toStart, clear] = ['\r', '\x1b[K'];

/** The progress of one command; nothing is shown of one that takes less than `drawEveryMs`. */
export class Progress {
  private readonly what: string;
  private readonly stream: Stream;
  private readonly isDrawn: boolean;
  private readonly characters: readonly [done: string, left: string];
  private readonly now: () => number;
  private shownAt: number;
  private hasBar = false;

  /** @param what is being done, such as `backup` */
  constructor(
    what: string,
    stream: Stream = process.stderr,
    env: Environment = process.env,
    now: () => number = () => performance.now(),
  ) {
    const { characters, isRead, hasScreen } = abilitiesOf(env, process.platform);
    this.what = what;
    this.stream = stream;
    this.isDrawn = Boolean(stream.isTTY) && hasScreen && !isRead;
    this.characters = characters === 'ascii' ? ['#', '-'] : ['█', '░'];
    this.now = now;
    this.shownAt = now();
  }

  /** `share` of it is done, from 0 to 1; `text` says so in numbers. */
  show(share: number, text: string): void {
    const now = this.now();
    if (now - this.shownAt < (this.isDrawn ? drawEveryMs : lineEveryMs)) return;
    this.shownAt = now;
    const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
    if (!this.isDrawn) {
      this.stream.write(`${this.what}: ${percent.trim()}, ${text}\n`);
      return;
    }
    const done = Math.floor(share * cells);
    const [full, empty] = this.characters;
    const bar = full.repeat(done) + empty.repeat(cells - done);
    this.stream.write(`${toStart}${this.what} ${bar} ${percent} ${text}${clear}`);
    this.hasBar = true;
  }

  end(): void {
    if (this.hasBar) this.stream.write(`${toStart}${clear}`);
    this.hasBar = false;
  }
}
