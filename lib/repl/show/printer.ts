import { inspect } from 'node:util';
import { Listing, type Page } from '../..';
import { escapeUnprintable } from '../../util/text/sanitize';
import { explain, shownAnyway } from './explain-error';
import { terminalText } from './output-guard';
import type { Screen } from './style';
import { wrap } from './text-layout';
import { isPlan, planView, tableOf } from './views';

/** Rows of an array that are shown at most. */
const MAX_ROWS = 200;

/** Formats values: a resource as a block, several as a table, an error as a sentence, anything else as Node does. */
export class Printer {
  /** The page to show for a listing. It is fetched before, since printing sends nothing. */
  readonly pages = new WeakMap<Listing<unknown>, Page<unknown>>();

  /** @param now the date of the API, in milliseconds since 1970 */
  constructor(
    readonly screen: Screen,
    private readonly now: () => number,
  ) {}

  show(value: unknown): string {
    return terminalText(shownAnyway(value, () => this.#show(value)));
  }

  #show(value: unknown): string {
    const { paint, columns } = this.screen;
    if (value instanceof Error) return explain(value, this.screen);
    if (value instanceof Listing) return this.#listing(value as Listing<unknown>) ?? this.#inspect(value);
    if (isPlan(value)) return planView(value, columns, paint);
    if (Array.isArray(value)) {
      const rows = tableOf(value.slice(0, MAX_ROWS), columns, paint, this.now());
      if (rows !== null) {
        const rest = value.length - MAX_ROWS;
        return `${rows}\n${paint('dim', rest > 0 ? `${value.length} in all, ${rest} not shown` : count(value.length))}`;
      }
    }
    return this.#inspect(value);
  }

  #inspect(value: unknown): string {
    return inspect(value, { colors: this.screen.colours, breakLength: this.screen.columns });
  }

  #listing(listing: Listing<unknown>): string | null {
    const page = this.pages.get(listing);
    if (!page) return null;
    const { paint, columns, rows } = this.screen;
    const { items, total } = page;
    if (items.length === 0) return paint('dim', 'An empty list.');
    // As much of the page as fits on the screen.
    const shown = items.slice(0, Math.max(10, rows - 6));
    const body = tableOf(shown, columns, paint, this.now()) ?? this.#inspect(shown);
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

/** One line of the API's JSON, for `--json`; `null` for a value that JSON has not. */
export async function toJsonLine(value: unknown, signal: AbortSignal): Promise<string | null> {
  const whole: unknown =
    value instanceof Listing ? await (value as Listing<unknown>).toArray({ signal }) : value;
  const json: unknown = JSON.stringify(whole);
  // Escapes are the same JSON.
  return typeof json === 'string' ? escapeUnprintable(json) : null;
}
