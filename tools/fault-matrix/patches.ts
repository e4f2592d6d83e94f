import net, { type Socket } from 'node:net';
import tls from 'node:tls';

/**
 * Two things that cannot be had from outside: a connection that is never made, as when packets are dropped on the way,
 * and a certificate that the machine vouches for, although it was made a moment ago. Both are taken back after use.
 */
class Patch<T> {
  readonly #wanted = new Set<T>();
  #restore: (() => void) | null = null;

  constructor(private readonly install: (wanted: ReadonlySet<T>) => () => void) {}

  /** @returns a function that takes it back */
  add(one: T): () => void {
    this.#wanted.add(one);
    this.#restore ??= this.install(this.#wanted);
    return () => {
      this.#wanted.delete(one);
      if (this.#wanted.size > 0) return;
      this.#restore?.();
      this.#restore = null;
    };
  }
}

/** As `net.connect` calls it: with its own arguments in one. */
type Connect = (this: Socket, ...args: [[{ port?: unknown }?]]) => Socket;

interface Stalling {
  port: number;
  /** Whether the next connection stalls. */
  stalls: () => boolean;
}

const connecting = new Patch<Stalling>((wanted) => {
  const { prototype } = net.Socket as unknown as { prototype: { connect: Connect } };
  const { connect } = prototype;
  prototype.connect = function stallable(...args) {
    const port = Number(args[0][0]?.port);
    const stalls = [...wanted].some((one) => one.port === port && one.stalls());
    return stalls ? Object.assign(this, { connecting: true }) : connect.apply(this, args);
  };
  return () => {
    prototype.connect = connect;
  };
});

/** Asks before each connection to `port` whether it stalls. */
export const onConnect = (port: number, stalls: () => boolean): (() => void) =>
  connecting.add({ port, stalls });

/** Of the inside of Node, as far as it is needed here. */
interface TrustStore {
  addCACert: (pem: string) => void;
}

const vouched = new Patch<string>((wanted) => {
  const { createSecureContext } = tls;
  tls.createSecureContext = (options) => {
    const made = createSecureContext(options);
    const context = made.context as TrustStore;
    for (const pem of wanted) context.addCACert(pem);
    return made;
  };
  return () => {
    tls.createSecureContext = createSecureContext;
  };
});

/** The library's own agents accept this certificate from now on. */
export const vouchFor = (pem: string): (() => void) => vouched.add(pem);
