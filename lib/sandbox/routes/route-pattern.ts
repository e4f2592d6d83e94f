import { parse } from 'regexparam';

/** The parts of a path that a route names. */
export type RouteParams = Record<string, string>;

/** A way into the API: a method, `*` for any, and a path like `/v2/images/:image`. */
export class RoutePattern {
  readonly #keys: readonly string[];
  readonly #pattern: RegExp;

  constructor(
    private readonly method: string,
    path: string,
  ) {
    const { keys, pattern } = parse(path);
    this.#keys = keys;
    this.#pattern = pattern;
  }

  /** The parts of the path as they stand there; `null` when it is another route. As everywhere, HEAD is a GET. */
  match(method: string, path: string): RouteParams | null {
    const isMethod = this.method === '*' || this.method === (method === 'HEAD' ? 'GET' : method);
    const found = isMethod || this.method === method ? this.#pattern.exec(path) : null;
    return found && Object.fromEntries(this.#keys.map((key, index) => [key, found[index + 1] ?? '']));
  }
}
