import { type PrunePlan, type PruneResult, ReadOnlyError } from '../..';
import { PruneLine } from '../show/prune-line';
import { gigabytesText } from '../show/text-layout';
import type { Command, CommandContext } from './command';
import { planOptionsOf } from './plan-words';

const HOW_TO_PLAN =
  'Make a plan first: .plan 3 keeps the newest three, .plan last=3 daily=7 groupBy=droplet more of each Droplet.';

/** `.plan` and `.prune`, which share the last plan. */
export function pruneCommands({ scope, screen, print, evaluation, view, mode }: CommandContext): Command[] {
  let last: PrunePlan | null = null;
  const lastPlan = (): PrunePlan => {
    if (last === null) throw new TypeError(HOW_TO_PLAN);
    return last;
  };
  return [
    {
      name: 'plan',
      usage: '<keep…>',
      help: 'shows which images .prune would delete: .plan 3, .plan last=3 daily=7 groupBy=droplet; alone: the last plan',
      run: async (words) => {
        if (words === '') return lastPlan();
        // When it fails, .prune must not apply the one before.
        last = null;
        last = await scope.api.planPrune(planOptionsOf(words));
        return last;
      },
    },
    {
      name: 'prune',
      help: 'deletes what the last plan deletes, after one question',
      endsItself: true,
      run: async () => {
        const plan = lastPlan();
        if (mode.isOn) {
          const body = { ids: plan.delete.map(({ image }) => image.id) };
          const url = `${scope.api.endpoint}/v2/images`;
          throw new ReadOnlyError({ method: 'DELETE', url, body, scope: 'image:delete' });
        }
        const line = new PruneLine(view, screen.paint);
        try {
          const results = await plan.apply({
            signal: evaluation.signal,
            onProgress: (progress) => line.update(progress),
          });
          print(`${summaryOf(results)}\n`);
          return results.length > 0 ? mostTellingFirst(results) : undefined;
        } finally {
          line.end();
        }
      },
    },
  ];
}

/** A long table is cut off: what was not deleted comes first. */
function mostTellingFirst(results: readonly PruneResult[]): PruneResult[] {
  const isDeleted = ({ outcome }: PruneResult): boolean => outcome === 'deleted';
  return [...results.filter((one) => !isDeleted(one)), ...results.filter(isDeleted)];
}

/** `Deleted 3 of 6 images (7.5 GB). 2 changed, 1 failed.` */
function summaryOf(results: readonly PruneResult[]): string {
  if (results.length === 0) return 'The plan deletes nothing.';
  const deleted = results.filter(({ outcome }) => outcome === 'deleted');
  const gigabytes = deleted.reduce((sum, { image }) => sum + (image.sizeGigabytes ?? 0), 0);
  const counts = new Map<string, number>();
  for (const { outcome } of mostTellingFirst(results).slice(0, results.length - deleted.length))
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const others = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const rest = others === '' ? '' : ` ${others}.`;
  const hint = counts.has('cancelled') ? ' .prune continues.' : '';
  return `Deleted ${deleted.length} of ${results.length} images (${gigabytesText(gigabytes)}).${rest}${hint}`;
}
