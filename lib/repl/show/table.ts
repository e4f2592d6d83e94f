import type { Colour, Paint } from './style';
import { printable } from '../../util/text/sanitize';
import { clip, pad, widthOf, wrap } from './text-layout';

/** A column of a table. */
export interface Column<T> {
  title: string;
  text: (item: T) => string;
  /** Aligned to the right, as numbers are. */
  right?: boolean;
  /** The width down to which texts may be cut; without it the column is shown whole or not at all. */
  least?: number;
  colour?: (item: T) => Colour | null;
  /** Left out before any text is cut. */
  isExtra?: boolean;
}

const GAP = '  ';

/** A table of at most `width` columns. To fit, extra columns are left out, long texts are cut, then the last columns are left out. */
export function table<T>(
  items: readonly T[],
  columns: readonly Column<T>[],
  width: number,
  paint: Paint,
): string {
  const cells = columns.map((column) => {
    const texts = items.map((item) => printable(column.text(item)));
    return { column, texts, width: Math.max(widthOf(column.title), ...texts.map(widthOf)) };
  });
  // A column without any text is left out.
  const shown = fit(
    cells.filter(({ texts }) => texts.some((text) => text !== '')),
    width,
  );
  const line = (part: (cell: (typeof shown)[number]) => string): string =>
    shown.map(part).join(GAP).trimEnd();
  const header = line(({ column, width }) =>
    paint('dim', pad(clip(column.title, width), width, column.right)),
  );
  const rows = items.map((item, row) =>
    line(({ column, texts, width }) => {
      const text = pad(clip(texts[row] ?? '', width), width, column.right);
      const colour = column.colour?.(item) ?? null;
      return colour ? paint(colour, text) : text;
    }),
  );
  return [header, ...rows].join('\n');
}

interface Cell {
  column: { least?: number; isExtra?: boolean };
  width: number;
}

/** Makes columns narrower, then fewer, until they fit. */
function fit<C extends Cell>(cells: readonly C[], width: number): C[] {
  const total = cells.reduce((sum, cell) => sum + cell.width + GAP.length, -GAP.length);
  let excess = total - width;
  if (excess <= 0) return [...cells];
  const extra = cells.map(({ column }) => column.isExtra === true).lastIndexOf(true);
  if (extra !== -1) return fit([...cells.slice(0, extra), ...cells.slice(extra + 1)], width);
  const narrowed = [...cells].reverse().map((cell) => {
    const spare = Math.max(0, Math.min(excess, cell.width - (cell.column.least ?? cell.width)));
    excess -= spare;
    return { ...cell, width: cell.width - spare };
  });
  if (excess <= 0) return narrowed.reverse();
  return cells.length > 1 ? fit(cells.slice(0, -1), width) : [...cells];
}

/** Names and their meanings: side by side on a wide screen, else below each other. */
export function definitions(
  entries: readonly (readonly [string, string])[],
  width: number,
  paint: Paint,
): string {
  const narrow = width < 60;
  const indent = narrow ? 2 : Math.max(...entries.map(([name]) => widthOf(name))) + 2;
  const lines = entries.map(([name, meaning]) => {
    const text = wrap(meaning, width - 1 - indent).replaceAll('\n', `\n${' '.repeat(indent)}`);
    return narrow ? `${paint('cyan', name)}\n  ${text}` : paint('cyan', pad(name, indent)) + text;
  });
  return lines.join('\n');
}
