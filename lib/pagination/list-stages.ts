import { checkVerdict } from '../util/validate';
import type { DeliveredPage } from './delivered-page';

/** A step between the pages of a list and their reader: a filter or a limit. Each reading starts it anew. */
export type Stage = () => ActiveStage;

/** A stage in one reading. */
interface ActiveStage {
  /** How many items it still takes at least to satisfy it; 0: the reading ends. */
  readonly wanted: number;
  apply: (items: readonly unknown[]) => readonly unknown[];
}

/** The items for which `predicate` is true. */
export function keeping(predicate: (item: never) => unknown): Stage {
  const test = predicate as (item: unknown) => unknown;
  // An arrow, so that the predicate gets no index.
  return () => ({
    wanted: Infinity,
    apply: (items) => items.filter((item) => checkVerdict('predicate', test(item))),
  });
}

/** The first `count` items. */
export function limitedTo(count: number): Stage {
  return () => {
    let wanted = count;
    return {
      get wanted() {
        return wanted;
      },
      apply(items) {
        const taken = items.slice(0, wanted);
        wanted -= taken.length;
        return taken;
      },
    };
  };
}

/** The stages of one reading, in order. */
export class StageRun {
  private readonly stages: readonly ActiveStage[];

  constructor(stages: readonly Stage[]) {
    this.stages = stages.map((start) => start());
  }

  /** How many items the reader still needs at least; `Infinity` without a limit. */
  get wanted(): number {
    return this.stages.reduce((least, { wanted }) => Math.min(least, wanted), Infinity);
  }

  /** The pages as the stages leave them, up to the one that satisfies a limit. */
  async *through<T>(
    pages: AsyncGenerator<DeliveredPage<T>, void, undefined>,
  ): AsyncGenerator<DeliveredPage<T>, void, undefined> {
    if (this.wanted === 0) return;
    for await (const page of pages) {
      const items = this.stages.reduce<readonly unknown[]>((left, stage) => stage.apply(left), page.items);
      // A reader that finds nothing on a page will want the next one.
      if (items.length === 0) page.readAhead();
      // Only a reading of all items could tell how many pass.
      yield { ...page, items: items as T[], total: null };
      if (this.wanted === 0) return;
    }
  }
}
