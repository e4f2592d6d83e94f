import type { World } from '../state/world';

/** One request that has passed the gate: what an operation gets. */
export interface RouteContext {
  world: World;
  /** Parts of the path, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** The parsed JSON body; `{}` when there is none. */
  body: Readonly<Record<string, unknown>>;
  /** The URL that was asked for, without its query: links are built on it. */
  url: string;
  /** How what this request starts will end, when a fault says so. */
  outcome: ActionOutcome;
}

/** The end of an action or an import that a request starts; by default all goes well. */
export interface ActionOutcome {
  erroredAction?: boolean;
  /** The `error_message` of an import that fails. */
  failedImport?: string;
}

/** What an operation answers. */
export interface Reply {
  status: number;
  /** Becomes JSON; absent: an empty body. */
  body?: Readonly<Record<string, unknown>>;
}

/** An operation of the API: rules over the world, nothing else. Throws a `Refusal` for what is not allowed. */
export type RouteHandler = (call: RouteContext) => Reply;
