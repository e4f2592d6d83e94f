import type { World } from '../state/world';

/** The query of a request: a URLSearchParams, by its shape. */
export interface RequestQuery extends Iterable<[string, string]> {
  /** The first value of a parameter; `null` without one. */
  get(name: string): string | null;
}

/** What a route handler gets: the world, and the parts of the request. */
export interface RouteContext {
  world: World;
  /** The parameters of the path, decoded. */
  params: Readonly<Record<string, string>>;
  query: RequestQuery;
  /** The parsed JSON body; `{}` without a body. */
  body: Readonly<Record<string, unknown>>;
  /** @throws ApiError 403 if the token does not have the scope. For scopes that depend on the body. */
  requireScope: (scope: string) => void;
  /** The URL of the request without its query, for links. */
  url: string;
  /** How the action or import that the request starts will end. A fault may set it. */
  outcome: ActionOutcome;
}

/** How an action or import ends; default: with success. */
export interface ActionOutcome {
  erroredAction?: boolean;
  /** The `error_message` of an import that fails. */
  failedImport?: string;
}

/** The response of a route handler. */
export interface Reply {
  status: number;
  /** Sent as JSON; absent: an empty body. */
  body?: Readonly<Record<string, unknown>>;
}

/** An operation of the API. @throws ApiError for a request that the API refuses */
export type RouteHandler = (context: RouteContext) => Reply;
