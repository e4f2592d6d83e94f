import type { IBuffer, IBufferCell } from '@xterm/headless';

/** The size and the title of a picture. */
export interface Frame {
  columns: number;
  rows: number;
  title: string;
}

const CELL = { width: 8.4, height: 18 };
const EDGE = 16;
const BAR = 28;
/** The eight colours of a terminal, by number. */
const COLOURS = ['#484f58', '#ff7b72', '#7ee787', '#e3b341', '#79c0ff', '#d2a8ff', '#76e3ea', '#e6edf3'];
const TEXT = '#e6edf3';
const GREY = '#8b949e';

/** The screen of a terminal as an SVG: one `text` per line, one `tspan` per run of one style. */
export function pictureOf(buffer: IBuffer, { columns, rows, title }: Frame): string {
  const width = Math.round(columns * CELL.width + 2 * EDGE);
  const height = rows * CELL.height + 2 * EDGE + BAR;
  const lines = Array.from({ length: rows }, (_, row) => lineOf(buffer, row, columns));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<text x="${width / 2}" y="20" text-anchor="middle" font-family="sans-serif" font-size="12" fill="${GREY}">${escape(title)}</text>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    ...lines.filter((line) => line !== ''),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function lineOf(buffer: IBuffer, row: number, columns: number): string {
  const line = buffer.getLine(buffer.viewportY + row);
  const runs: { text: string; style: string; from: number; cells: number }[] = [];
  for (let column = 0; column < columns; column++) {
    const cell = line?.getCell(column);
    if (!cell || cell.getWidth() === 0) continue;
    const style = styleOf(cell);
    const last = runs.at(-1);
    const text = cell.getChars() === '' ? ' ' : cell.getChars();
    if (last?.style === style) {
      last.text += text;
      last.cells += cell.getWidth();
    } else {
      runs.push({ text, style, from: column, cells: cell.getWidth() });
    }
  }
  const y = BAR + EDGE + row * CELL.height + 13;
  const spans = runs
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, style, from, cells }) => {
      // Position and length of each run keep columns aligned in any font.
      const lead = text.length - text.trimStart().length;
      const length = cells - lead - (text.length - text.trimEnd().length);
      const x = (EDGE + (from + lead) * CELL.width).toFixed(1);
      return `<tspan x="${x}" textLength="${(length * CELL.width).toFixed(1)}" ${style}>${escape(text.trim())}</tspan>`;
    });
  return spans.length === 0 ? '' : `<text y="${y}">${spans.join('')}</text>`;
}

function styleOf(cell: IBufferCell): string {
  const colour = cell.isFgPalette() ? (COLOURS[cell.getFgColor() % 8] ?? TEXT) : TEXT;
  // Bright black is the grey of Node.
  const isGrey = cell.isDim() || (cell.isFgPalette() && cell.getFgColor() === 8);
  return `fill="${isGrey ? GREY : colour}"${cell.isBold() ? ' font-weight="bold"' : ''}`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
