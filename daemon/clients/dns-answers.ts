// The DNS messages of one connection. Each answer goes out when it is known, in any order (RFC 7766 §7); those to the
// messages of one chunk are one write.
import { encodeDnsFrame } from '../../shared/protocol/dns/dns-frames.ts';
import type { DnsAsker, DnsResponder } from './dns-responder.ts';
import type { ReplyWriter } from './reply-writer.ts';

const nothing = new Uint8Array(0);

/** Answers over one connection. */
export class DnsAnswers {
  private readonly dns: Pick<DnsResponder, 'respond'>;
  private readonly from: DnsAsker;
  private readonly writer: ReplyWriter;
  private readonly startWriting: () => void;

  /** `startWriting`: the writer has something to write. */
  constructor(
    dns: Pick<DnsResponder, 'respond'>,
    from: DnsAsker,
    writer: ReplyWriter,
    startWriting: () => void,
  ) {
    this.dns = dns;
    this.from = from;
    this.writer = writer;
    this.startWriting = startWriting;
  }

  /** Has a message answered ; `isBusy`: the backlog has no room for it. */
  ask(message: Uint8Array, isBusy: boolean): void {
    this.writer.expect();
    const answer = this.dns.respond(message, this.from, 'tcp', isBusy);
    if (answer instanceof Promise) void answer.then((bytes) => this.deliver(bytes));
    else this.deliver(answer);
  }

  private deliver(answer: Uint8Array | null): void {
    if (!this.writer.isWriting) queueMicrotask(this.startWriting);
    this.writer.deliver(answer === null ? nothing : encodeDnsFrame(answer));
  }
}
