// A small HTTP server for monitoring: a few pages, for GET and HEAD only. It stands beside the name server's port and
// must not hurt it: connections are few and short, whoever opens many or is slow only loses his own, and a page is made
// at most four times a second, however often it is asked for.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ListenAddress } from '../../shared/config/interface-address.ts';
import { explainListening } from '../clients/listen-error.ts';

/** One page. */
export interface Page {
  status: 200 | 503;
  contentType: string;
  body: string;
}

/** The pages by their paths. */
export type Pages = ReadonlyMap<string, () => Page | Promise<Page>>;

/**
 * Two Prometheus servers, some load balancers and an operator; the oldest connection gives way to a new one. They fit
 * into the descriptors that core/admission/descriptors.ts leaves to the process itself.
 */
export const mostConnections = 8;

/** For the head of a request, and for an idle connection, ms: Prometheus opens another one. */
const patienceMs = 5_000;

/** Without a byte in either direction, ms: a reader that stopped. */
const stalledMs = 10_000;

/** Bytes of a request's head: those of Prometheus have some hundred. */
const maxHeaderSize = 8_192;

/** A page is this old at most, ms. */
const pageMs = 250;

const text = 'text/plain; charset=utf-8';

/** A page of plain text. */
export function textPage(status: Page['status'], body: string): Page {
  return { status, contentType: text, body: `${body}\n` };
}

/** Serves `pages`. */
export class PageServer {
  private readonly server: Server;
  private readonly pages: Pages;
  private readonly sockets = new Set<Socket>();
  private readonly made = new Map<string, { at: number; page: Promise<Page> }>();

  /** `failed` is told why a page could not be made, which is a bug; the asker is answered 500. */
  constructor(pages: Pages, failed: (error: unknown) => void) {
    this.pages = pages;
    this.server = createServer(
      {
        maxHeaderSize,
        headersTimeout: patienceMs,
        requestTimeout: patienceMs,
        keepAliveTimeout: patienceMs,
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => {
        this.answer(request, response).catch((error: unknown) => {
          failed(error);
          send(response, 500, text, 'the page could not be made; the log says why\n');
        });
      },
    );
    this.server.timeout = stalledMs;
    this.server.on('connection', (socket) => this.admit(socket));
  }

  /** Listens; port 0 takes a free one. Resolves with the address in use. @throws ListenError */
  async start(at: ListenAddress): Promise<ListenAddress> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) =>
        reject(explainListening(error, at, { transport: 'TCP', setting: 'Metrics' })),
      );
      this.server.listen({ host: at.address, port: at.port, exclusive: true }, () => resolve());
    });
    const { address, port } = this.server.address() as ListenAddress;
    return { address, port };
  }

  /** Closes every connection. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      for (const socket of this.sockets) socket.destroy();
    });
  }

  private admit(socket: Socket): void {
    const [oldest] = this.sockets;
    if (this.sockets.size >= mostConnections) oldest?.destroy();
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    // Nobody reads a body.
    if (request.headers['content-length'] ?? request.headers['transfer-encoding'])
      response.shouldKeepAlive = false;
    const [path = ''] = url.split('?');
    if (!this.pages.has(path))
      send(response, 404, text, 'not found: /metrics, /healthz, /readyz\n');
    else if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      send(response, 405, text, 'only GET and HEAD\n');
    } else {
      const { status, contentType, body } = await this.pageAt(path);
      send(response, status, contentType, body);
    }
  }

  /** Whatever a page throws is a rejection. */
  private async make(path: string): Promise<Page> {
    return (this.pages.get(path) as () => Page | Promise<Page>)();
  }

  private pageAt(path: string): Promise<Page> {
    const now = performance.now();
    const made = this.made.get(path);
    if (made !== undefined && now - made.at < pageMs) return made.page;
    const page = this.make(path);
    this.made.set(path, { at: now, page });
    return page;
  }
}

/** To a HEAD, Node sends the head alone. */
function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}
