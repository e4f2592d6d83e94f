import { inspect } from 'node:util';
import { Listing, type Page } from '../..';
import { explain } from './explain-error';
import type { Screen } from './style';
import { wrap } from './text-layout';
import { tableOf } from './views';

/** More rows of an array than this are not read by anybody. */
const MOST_ROWS = 200;

/** Shows values: resources as blocks, many of them as tables, errors as sentences, anything else as Node does. */
export class Printer {
  /** The page of a listing that is to be shown; a listing sends nothing when it is printed. */
  readonly pages = new WeakMap<Listing<unknown>, Page<unknown>>();

  /** @param now the date of what is talked to, in milliseconds since 1970 */
  constructor(
    readonly screen: Screen,
    private readonly now: () => number,
  ) {}

  show(value: unknown): string {
    const { paint, columns } = this.screen;
    if (value instanceof Error) return explain(value, this.screen);
    if (value instanceof Listing) return this.#listing(value as Listing<unknown>) ?? this.inspect(value);
    if (Array.isArray(value)) {
      const rows = tableOf(value.slice(0, MOST_ROWS), columns, paint, this.now());
      if (rows !== null) {
        const rest = value.length - MOST_ROWS;
        return `${rows}\n${paint('dim', rest > 0 ? `${value.length} in all, ${rest} not shown` : count(value.length))}`;
      }
    }
    return this.inspect(value);
  }

  inspect(value: unknown): string {
    return inspect(value, { colors: this.screen.colours, breakLength: this.screen.columns });
  }

  #listing(listing: Listing<unknown>): string | null {
    const page = this.pages.get(listing);
    if (!page) return null;
    const { paint, columns, rows } = this.screen;
    const { items, total } = page;
    if (items.length === 0) return paint('dim', 'An empty list.');
    // As much of the page as the screen holds.
    const shown = items.slice(0, Math.max(10, rows - 6));
    const body = tableOf(shown, columns, paint, this.now()) ?? this.inspect(shown);
    const all = total ?? items.length;
    const range = shown.length < all ? `1–${shown.length} of ${total ?? 'many'}` : count(all);
    const rest =
      shown.length < all ? ' · all: await _.toArray() · one by one: for await (const each of _)' : '';
    return `${body}\n${paint('dim', wrap(range + rest, columns))}`;
  }
}

function count(items: number): string {
  return items === 1 ? '1 item' : `${items} items`;
}

/** What `--json` prints: one line of the API's JSON; `null` for what is nothing in JSON. */
export async function jsonOf(value: unknown, signal: AbortSignal): Promise<string | null> {
  const whole: unknown =
    value instanceof Listing ? await (value as Listing<unknown>).toArray({ signal }) : value;
  const json: unknown = JSON.stringify(whole);
  return typeof json === 'string' ? json : null;
}
