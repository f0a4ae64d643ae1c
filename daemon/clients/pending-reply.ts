// What a request is owed: its reply, now or later.
import { maxRequestsPerConnection, requestDeadlineMs } from '../../shared/protocol/limits.ts';
import type { Reply } from '../../shared/protocol/message.ts';

/** The reply of a request, or null until that is known. */
export interface PendingReply {
  reply: Reply | null;
}

/** What is known at once. */
export function said(reply: Reply): PendingReply {
  return { reply };
}

/** Whether whoever is told this has nothing more to ask on its connection. */
export function isLast(reply: Reply): boolean {
  const { kind } = reply;
  if (kind === 'hosts') return reply.failure !== null;
  return kind === 'error' || kind === 'redirect' || kind === 'busy';
}

/** What a request is owed that was not whole in time. */
export const overdue = said({
  kind: 'error',
  code: 'timeout',
  text: `the request was not complete after ${requestDeadlineMs / 1000} s; send it whole`,
});

/** What is said behind the last request that a connection may carry. */
export const tooMany = said({
  kind: 'error',
  code: 'too-many',
  text: `${maxRequestsPerConnection} requests on one connection; open another`,
});
