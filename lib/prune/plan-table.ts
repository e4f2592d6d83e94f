import { excerpt } from '../util/text/sanitize';
import type { PlanContents } from './plan-json';
import type { PlannedImage } from './plan-entries';

const TITLES = ['', 'id', 'name', 'created (UTC)', 'GB', 'group', 'reason'];

/** The columns whose texts end at the same place. */
const RIGHT: ReadonlySet<string> = new Set(['id', 'GB']);

/** A plan as text: a line that sums it up, then a table of what is deleted and what is kept. */
export function planTable(plan: PlanContents, gigabytes: number): string {
  const total = plan.delete.length + plan.keep.length;
  const summary = `Delete ${plan.delete.length} of ${total} images (${gigabytes} GB), keep ${plan.keep.length}. Policy: ${excerpt(plan.policy)}.`;
  if (total === 0) return summary;
  const rows = [
    TITLES,
    ...plan.delete.map((entry) => rowOf('delete', entry)),
    ...plan.keep.map((entry) => rowOf('keep', entry)),
  ];
  const widths = TITLES.map((_, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0),
  );
  const lines = rows.map((row) =>
    row
      .map((text, column) => {
        const width = widths[column] ?? 0;
        return RIGHT.has(TITLES[column] ?? '') ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return [summary, '', ...lines].join('\n');
}

function rowOf(verdict: string, { image, group, reason }: PlannedImage): string[] {
  const date = image.createdAt?.toISOString().slice(0, 16).replace('T', ' ') ?? '';
  const size = image.sizeGigabytes === null ? '' : String(image.sizeGigabytes);
  return [verdict, String(image.id), excerpt(image.name), date, size, excerpt(group), excerpt(reason)];
}
