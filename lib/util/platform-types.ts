/**
 * The types of the platform that the public API needs. They are declared here, so that the declarations of the package
 * compile without @types/node, and with or without the `dom` and `esnext.disposable` libraries of TypeScript.
 */

declare global {
  interface SymbolConstructor {
    /** The same declaration as in `esnext.disposable` and in @types/node, with which it merges. */
    readonly asyncDispose: unique symbol;
  }
}

/** A signal, by its shape: an AbortSignal of this or another realm, or of a polyfill. */
export interface AbortSignalLike {
  /** Whether it has aborted. */
  readonly aborted: boolean;
  /** What an aborted call rejects with. */
  readonly reason?: unknown;
  /** Subscribes to the abort. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Ends a subscription. */
  removeEventListener?(type: 'abort', listener: () => void): void;
}

/** The global AbortSignal; its shape in a program whose types have none. */
export type GlobalAbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : AbortSignalLike;

/** An agent of `node:http` or `node:https`, or of a package that extends one, such as agentkeepalive. */
export interface AgentLike {
  /** How many connections to a host it opens at most. */
  readonly maxSockets: number;
  /** Its connections in use. */
  readonly sockets: object;
  /** Requests that wait for a connection. */
  readonly requests: object;
  /** Closes the connections that the agent keeps. */
  destroy(): void;
}
