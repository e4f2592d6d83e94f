import { OURS } from './clients';
import type { Chart } from './section';

const WIDTH = 760;
const LABELS = 168;
/** Space for the value next to the longest bar. */
const VALUES = 72;
const TOP = 62;
const BAR = { height: 20, step: 30 };

/** Colours for light and dark pages, chosen by the browser. */
const STYLE = `
    text { font: 13px -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; fill: #1f2328; }
    .page { fill: #ffffff; stroke: #d1d9e0; }
    .title { font-size: 16px; font-weight: 600; }
    .quiet { fill: #59636e; font-size: 12px; }
    .bar { fill: #afb8c1; }
    .ours { fill: #0969da; }
    .name { font-weight: 600; }
    .behind { fill: #ffffff; }
    .target { stroke: #cf222e; stroke-dasharray: 4 3; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .page { fill: #0d1117; stroke: #3d444d; }
      .quiet { fill: #9198a1; }
      .bar { fill: #57606a; }
      .ours { fill: #4493f8; }
      .behind { fill: #0d1117; }
      .target { stroke: #f85149; }
    }
  `;

/** A bar chart as SVG: sorted by value, ours in another colour, the target as a line. */
export function svgOf({ title, unit, bars, target }: Chart): string {
  const sorted = [...bars].sort((one, other) => one.value - other.value);
  const height = TOP + sorted.length * BAR.step + (target === undefined ? 12 : 32);
  const most = Math.max(...sorted.map(({ value }) => value), target ?? 0);
  const x = (value: number): number => round(LABELS + (value / most) * (WIDTH - LABELS - VALUES));
  const rows = sorted.map(({ label, value }, at) => {
    const isOurs = label === OURS;
    const y = TOP + at * BAR.step;
    const middle = y + BAR.height / 2 + 4.5;
    const width = Math.max(2, x(value) - LABELS);
    const name = isOurs ? ' name' : '';
    return {
      bar: [
        `  <text class="label${name}" x="${LABELS - 10}" y="${middle}" text-anchor="end">${escaped(label)}</text>`,
        `  <rect class="${isOurs ? 'ours' : 'bar'}" x="${LABELS}" y="${y}" width="${round(width)}" height="${BAR.height}" rx="3"/>`,
      ].join('\n'),
      value: valueAt(round(LABELS + width + 8), middle, shown(value, most), isOurs),
    };
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    `  <style>${STYLE}</style>`,
    `  <rect class="page" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>`,
    `  <text class="title" x="20" y="28">${escaped(title)}</text>`,
    `  <text class="quiet" x="20" y="47">${escaped(unit)}, lower is better</text>`,
    ...rows.map(({ bar }) => bar),
    ...(target === undefined ? [] : [line(x(target), height, shown(target, most))]),
    // Above the line of the target.
    ...rows.map(({ value }) => value),
    '</svg>',
    '',
  ].join('\n');
}

/** A value with a background, so that the line of the target does not cross it. */
function valueAt(x: number, y: number, text: string, isOurs: boolean): string {
  return [
    `  <rect class="behind" x="${x - 3}" y="${y - 13}" width="${text.length * 8 + 6}" height="17"/>`,
    `  <text class="value${isOurs ? ' name' : ''}" x="${x}" y="${y}">${text}</text>`,
  ].join('\n');
}

function line(x: number, height: number, target: string): string {
  const end = height - 26;
  return [
    `  <line class="target" x1="${x}" y1="${TOP - 6}" x2="${x}" y2="${end}"/>`,
    `  <text class="quiet" x="${x}" y="${end + 15}" text-anchor="middle">target: ${target}</text>`,
  ].join('\n');
}

/** The number of decimals depends on the largest value of the chart; small values have two. */
function shown(value: number, most: number): string {
  const digits = most >= 100 ? 0 : most >= 10 && value >= 1 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}
