import { CLIENTS } from './clients';
import type { Result } from './publish';
import type { Section, Value, Verdict } from './section';

/** A run as Markdown, for the document. */
export function documentOf({ date, machine, runs, versions, sections }: Result): string {
  const { node, system, cpus, cpu, memoryGiB } = machine;
  return [
    `Measured on ${date}: Node ${node} on ${system}, ${cpus} × ${cpu}, ${memoryGiB} GiB; medians of ${runs} interleaved runs.`,
    '## Targets',
    summary(sections),
    '## Clients',
    table(
      ['client', 'version', 'what it is'],
      CLIENTS.map(({ name, differs }) => [name, versions[name] ?? null, differs]),
      [],
    ),
    '## Measurements',
    ...sections.map((section) => markdownOf(section, true)),
  ].join('\n\n');
}

/** The targets, and what was measured. */
export function summary(sections: readonly Section[]): string {
  const verdicts = sections.flatMap((section) => section.verdicts);
  const cells = ({ what, target, value, isReached, noise, isWithinNoise }: Verdict): Value[] => [
    what,
    target,
    value,
    // Results of an earlier version have none.
    typeof noise !== 'number' ? null : `± ${(100 * noise).toFixed(1)} %`,
    isWithinNoise ? 'within the noise' : isReached ? 'yes' : '**no**',
  ];
  return table(['measure', 'target', 'measured', 'noise', 'reached'], verdicts.map(cells), [2]);
}

/** One section, with or without pictures. */
export function markdownOf({ title, how, columns, rows, charts }: Section, pictures = false): string {
  return [
    `### ${title}`,
    how,
    ...(pictures ? charts.map((chart) => `![${chart.title}](img/${chart.name}.svg)`) : []),
    table(
      columns,
      rows,
      columns.map((_, at) => at).filter((at) => rows.some((row) => typeof row[at] === 'number')),
    ),
  ].join('\n\n');
}

/** @param numbers columns of numbers, which are aligned right */
function table(
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
  numbers: readonly number[],
): string {
  const rule = columns.map((_, at) => (numbers.includes(at) ? '--:' : '---'));
  const lines = [columns, rule, ...rows.map((row) => row.map(shown))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Three significant digits, or all digits of a large number. */
function shown(value: Value): string {
  if (value === null || Number.isNaN(value)) return '–';
  if (typeof value === 'string') return value;
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
