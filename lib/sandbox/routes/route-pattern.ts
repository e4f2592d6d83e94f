import { parse } from 'regexparam';

/** The parameters of a path, by name. */
export type RouteParams = Record<string, string>;

/** A method, or `*` for all, and a path such as `/v2/images/:image`. */
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

  /** The parameters of the path, not decoded; `null` if the route does not match. HEAD matches GET. */
  match(method: string, path: string): RouteParams | null {
    const isMethod = this.method === '*' || this.method === (method === 'HEAD' ? 'GET' : method);
    const found = isMethod || this.method === method ? this.#pattern.exec(path) : null;
    return found && Object.fromEntries(this.#keys.map((key, index) => [key, found[index + 1] ?? '']));
  }
}
