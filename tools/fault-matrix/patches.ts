import net, { type Socket } from 'node:net';
import tls from 'node:tls';

/**
 * Changes a module of Node while it is in use: for a connection that is never established, as when packets are lost,
 * and for a certificate that the machine trusts although it was just made.
 */
class Patch<T> {
  /** An entry per `add`, since several cells may add the same value. */
  readonly #entries = new Set<{ value: T }>();
  #restore: (() => void) | null = null;

  constructor(private readonly install: (entries: ReadonlySet<{ value: T }>) => () => void) {}

  /** @returns a function that reverts it */
  add(value: T): () => void {
    const entry = { value };
    this.#entries.add(entry);
    this.#restore ??= this.install(this.#entries);
    return () => {
      this.#entries.delete(entry);
      if (this.#entries.size > 0) return;
      this.#restore?.();
      this.#restore = null;
    };
  }
}

/** As `net.connect` calls it: with its arguments in one array. */
type Connect = (this: Socket, ...args: [[{ port?: unknown }?]]) => Socket;

interface Stalling {
  port: number;
  /** Whether the next connection stalls. */
  stalls: () => boolean;
}

const connecting = new Patch<Stalling>((entries) => {
  const { prototype } = net.Socket as unknown as { prototype: { connect: Connect } };
  const { connect } = prototype;
  prototype.connect = function stallable(...args) {
    const port = Number(args[0][0]?.port);
    const stalls = [...entries].some(({ value }) => value.port === port && value.stalls());
    return stalls ? Object.assign(this, { connecting: true }) : connect.apply(this, args);
  };
  return () => {
    prototype.connect = connect;
  };
});

/** Calls `stalls` before each connection to `port`. */
export const onConnect = (port: number, stalls: () => boolean): (() => void) =>
  connecting.add({ port, stalls });

/** The undocumented part of a secure context. */
interface TrustStore {
  addCACert: (pem: string) => void;
}

const trusted = new Patch<string>((entries) => {
  const { createSecureContext } = tls;
  tls.createSecureContext = (options) => {
    const made = createSecureContext(options);
    const context = made.context as TrustStore;
    for (const { value } of entries) context.addCACert(value);
    return made;
  };
  return () => {
    tls.createSecureContext = createSecureContext;
  };
});

/** Makes the library's own agents accept this certificate. */
export const trust = (pem: string): (() => void) => trusted.add(pem);
