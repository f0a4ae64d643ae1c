// The session of one attached console: the version handshake, requests with their parameters checked against the
// contract, errors as JSON-RPC errors. A console that sends no hello, or does not read its answers, is closed.
// A session ends with its connection.
import type { Socket } from 'node:net';
import {
  type CancellationToken,
  createMessageConnection,
  ErrorCodes,
  type Message,
  type MessageConnection,
  type RequestType,
  ResponseError,
} from 'vscode-jsonrpc/node';
import * as z from 'zod';
import { backupPieceRequest, backupRequest } from '../../shared/ipc/backup-contract.ts';
import {
  checkConfigRequest,
  configRequest,
  reloadRequest,
  saveConfigRequest,
} from '../../shared/ipc/config-contract.ts';
import {
  backlogRequest,
  closeRequest,
  drainRequest,
  helloRequest,
  hostRequest,
  ipcErrors,
  ipcProtocol,
  overrideRequest,
  pageRequest,
  pingRequest,
  removeRequest,
  syncRequest,
  undrainRequest,
} from '../../shared/ipc/contract.ts';
import { importRequest } from '../../shared/ipc/import-contract.ts';
import { logRequest } from '../../shared/ipc/log-contract.ts';
import {
  addressParams,
  backupParams,
  changeParams,
  connectionParams,
  drainParams,
  helloParams,
  importParams,
  logParams,
  noParams,
  pageParams,
  saveParams,
  syncParams,
} from '../../shared/ipc/params.ts';
import {
  deltaNotification,
  redirectsRequest,
  statusRequest,
  subscribeRequest,
} from '../../shared/ipc/status-contract.ts';
import { version } from '../../shared/version.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import { ConsoleWriter, Intake, maxParallelism } from './console-stream.ts';
import { type IpcService, ServiceError } from './service.ts';
import { Subscription } from './subscription.ts';

/** Time for the hello, in ms: consoles send it at once, but the machine may be busy. */
export const greetingDeadlineMs = 10_000;

/** Time to read an answer, in ms: only a stopped console takes longer, and it attaches again when resumed. */
export const answerDeadlineMs = 60_000;

export interface SessionOptions {
  service: IpcService;
  /** why another console cannot attach, for operators; null: it can */
  refusal: () => string | null;
  /** monotonic milliseconds */
  now?: () => number;
}

/** One console. */
export class Session {
  isGreeted = false;
  /** The console has said that it only reads. */
  private isReadOnly = false;
  private readonly rpc: MessageConnection;
  private readonly writer: ConsoleWriter;
  private readonly options: SessionOptions;
  private readonly now: () => number;
  private readonly since: number;
  private readonly socket: Socket;
  private readonly service: IpcService;
  private subscription: Subscription | null = null;
  private isRefused = false;

  constructor(socket: Socket, options: SessionOptions) {
    this.socket = socket;
    this.options = options;
    this.service = options.service;
    this.now = options.now ?? (() => performance.now());
    this.since = this.now();
    const intake = new Intake(socket, () => this.end('it sent too many requests ahead'));
    this.writer = new ConsoleWriter(socket);
    this.rpc = createMessageConnection(intake, this.writer, undefined, {
      maxParallelism,
      messageStrategy: {
        handleMessage: async (message: Message, next: (message: Message) => void) => {
          await intake.handle(message, next);
          if (this.isRefused) socket.end();
        },
      },
    });
    this.rpc.onError(() => socket.destroy());
    socket.on('error', () => socket.destroy());
    this.handleRequests();
    this.rpc.listen();
  }

  /** Enforces the deadlines and sends deltas; to be called every `deltaIntervalMs`. `now` in ms since 1970. */
  tick(now: number): void {
    const mono = this.now();
    if (!this.isGreeted && mono - this.since > greetingDeadlineMs)
      this.end(`it sent no hello within ${greetingDeadlineMs / 1_000} s`);
    else if (this.writer.untakenForMs(mono) > answerDeadlineMs)
      this.end(`it did not read an answer within ${answerDeadlineMs / 1_000} s`);
    else this.subscription?.tick(now);
  }

  /** Closes the connection, and reports why. */
  end(why: string): void {
    if (this.socket.destroyed) return;
    this.service.consoleClosed(why);
    this.socket.destroy();
  }

  close(): void {
    this.rpc.dispose();
    this.socket.destroy();
  }

  private handleRequests(): void {
    const { service } = this;
    this.rpc.onRequest(helloRequest, (params) => this.greet(params));
    this.answer(statusRequest, noParams, () => service.status());
    this.answer(subscribeRequest, noParams, () => this.subscribe());
    this.answer(pageRequest, pageParams, (params, isUnwanted) => service.page(params, isUnwanted));
    this.answer(hostRequest, addressParams, ({ address }) => service.host(address));
    this.answer(pingRequest, addressParams, ({ address }) => service.ping(address));
    this.change(removeRequest, addressParams, ({ address }) => service.remove(address));
    this.change(reloadRequest, noParams, () => service.reload());
    this.answer(configRequest, noParams, () => service.config());
    this.answer(checkConfigRequest, changeParams, (params) => service.checkConfig(params));
    this.change(saveConfigRequest, saveParams, (params) => service.saveConfig(params));
    this.answer(redirectsRequest, noParams, () => service.redirects());
    this.change(drainRequest, drainParams, ({ address }) => service.drain(address ?? null));
    this.change(undrainRequest, noParams, () => service.undrain());
    this.change(syncRequest, syncParams, ({ address }) => service.syncPeers(address ?? null));
    this.answer(backlogRequest, noParams, () => service.backlog());
    this.change(closeRequest, connectionParams, ({ id }) => service.closeConnection(id));
    this.change(importRequest, importParams, (params) => service.importHosts(params));
    this.answer(backupRequest, noParams, (_, isUnwanted) => service.beginBackup(isUnwanted));
    this.answer(backupPieceRequest, backupParams, (params) => service.readBackup(params));
    this.answer(logRequest, logParams, (params) => service.log(params));
    this.change(overrideRequest, noParams, () => {
      service.overrideSelfPreservation();
      return service.status().selfPreservation;
    });
  }

  private answer<P, R extends object, S extends z.ZodType>(
    type: RequestType<P, R, void>,
    schema: S,
    handle: (params: z.output<S>, isUnwanted: () => boolean) => R | Promise<R>,
  ): void {
    this.rpc.onRequest(
      type.method,
      async (params: unknown, token: CancellationToken): Promise<object> => {
        if (!this.isGreeted)
          throw new ResponseError(ipcErrors.notGreeted, `hello is required before ${type.method}`);
        const checked = check(schema, params, type.method);
        try {
          return await handle(
            checked,
            () => token.isCancellationRequested || this.socket.destroyed,
          );
        } catch (error) {
          throw error instanceof ServiceError
            ? new ResponseError(error.code, error.message)
            : error;
        }
      },
    );
  }

  /** Answers a request that changes something, unless the console has said that it only reads. */
  private change<P, R extends object, S extends z.ZodType>(
    type: RequestType<P, R, void>,
    schema: S,
    handle: (params: z.output<S>) => R | Promise<R>,
  ): void {
    this.answer(type, schema, (params) => {
      if (!this.isReadOnly) return handle(params);
      throw new ServiceError(
        ipcErrors.readOnly,
        `${type.method} makes changes, and this console is attached with --read-only; attach without it`,
      );
    });
  }

  private greet(params: unknown) {
    const { protocol, readOnly } = check(helloParams, params, 'hello');
    if (protocol !== ipcProtocol)
      throw new ResponseError(
        ipcErrors.protocolMismatch,
        `this ddnsd ${version} speaks IPC version ${ipcProtocol}, the console speaks ${protocol}: install the same version of both`,
      );
    const refusal = this.options.refusal();
    if (refusal !== null) {
      this.isRefused = true;
      throw new ResponseError(ipcErrors.tooManyConsoles, refusal);
    }
    this.isGreeted = true;
    this.isReadOnly = readOnly ?? false;
    return { protocol: ipcProtocol, server: this.service.status().server };
  }

  private subscribe() {
    this.subscription = new Subscription(this.service, (delta) =>
      this.rpc.sendNotification(deltaNotification, delta),
    );
    return this.subscription.snapshot(wallNow());
  }
}

function check<S extends z.ZodType>(schema: S, params: unknown, method: string): z.output<S> {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  throw new ResponseError(
    ErrorCodes.InvalidParams,
    `${method}: ${z.prettifyError(result.error).replace(/\s*\n\s*/g, ' ')}`,
  );
}
