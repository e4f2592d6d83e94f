import type { Requester } from '../model/requester';
import { INSPECT } from '../model/inspect';
import { withoutPollution } from '../util/options/own-options';
import type * as ApplyModule from './apply-plan';
import type { PlannedImage, PruneResult } from './plan-entries';
import type * as JsonModule from './plan-json';
import type { PlanContents, PlanImageReader, PrunePlanJson } from './plan-json';
import type * as TableModule from './plan-table';
import type * as OptionsModule from './prune-options';
import type { ApplyOptions } from './prune-options';

/**
 * Loaded when a plan is used: Node reads every export of a CommonJS module that an ES module imports, so a program loads
 * this class, whether it prunes or not.
 */
/* eslint-disable @typescript-eslint/no-require-imports -- loaded at its first use, synchronously */
const lazy = {
  apply: () => withoutPollution(() => require('./apply-plan') as typeof ApplyModule),
  json: () => withoutPollution(() => require('./plan-json') as typeof JsonModule),
  options: () => withoutPollution(() => require('./prune-options') as typeof OptionsModule),
  table: () => withoutPollution(() => require('./plan-table') as typeof TableModule),
};
/* eslint-enable @typescript-eslint/no-require-imports */

/**
 * Which images to delete and which to keep, each with its reason. Nothing is deleted before `apply()`, and nothing that is
 * not in the plan.
 *
 * ```ts
 * const plan = await api.planPrune({ groupBy: 'droplet', keep: { daily: 7, weekly: 4 } });
 * console.log(`${plan}`);
 * const results = await plan.apply();
 * ```
 */
export class PrunePlan {
  /** A literal, which minifiers keep. @internal */
  static readonly name = 'PrunePlan';
  /** What is deleted: by group, newest first. */
  readonly delete: readonly PlannedImage[];
  /** What is kept: by group, newest first. */
  readonly keep: readonly PlannedImage[];
  readonly #api: Requester;
  readonly #contents: PlanContents;

  /** @internal */
  constructor(api: Requester, contents: PlanContents) {
    this.#api = api;
    this.#contents = {
      ...contents,
      delete: Object.freeze(contents.delete.map((one) => Object.freeze(one))),
      keep: Object.freeze(contents.keep.map((one) => Object.freeze(one))),
    };
    this.delete = this.#contents.delete;
    this.keep = this.#contents.keep;
  }

  /**
   * Reads a plan that was saved.
   * @throws TypeError, RangeError when it is no plan, or was changed
   * @internal
   */
  static read(api: Requester, json: unknown, imageOf: PlanImageReader): PrunePlan {
    return new PrunePlan(
      api,
      lazy.json().planFromJson(json instanceof PrunePlan ? json.toJSON() : json, imageOf),
    );
  }

  /** The sizes of the images that are deleted, together, in gigabytes; those whose size is not known do not count. */
  get gigabytes(): number {
    const sum = this.delete.reduce((all, { image }) => all + (image.sizeGigabytes ?? 0), 0);
    // Sizes have two decimals, and sums of binary fractions more.
    return Math.round(sum * 100) / 100;
  }

  /**
   * Deletes the images of the plan, irreversibly. Before, the lists of images, Droplets, autoscale pools and actions are read
   * once more: what has changed or is in use now stays.
   * @returns one entry for each image that the plan deletes, in its order. One failure does not hide another's result, and an
   *   abort is an entry, too (`cancelled`): it rejects nothing
   * @throws ReadOnlyError when the manager is read-only, what reading the lists fails with (then nothing was deleted), the
   *   error of `onProgress`
   */
  async apply(options: ApplyOptions = {}): Promise<PruneResult[]> {
    const checked = lazy.options().checkApplyOptions(options);
    return lazy.apply().applyPlan(this.#api, this.#contents, checked);
  }

  /** A table of what is deleted and kept, with the reasons. */
  toString(): string {
    return lazy.table().planTable(this.#contents, this.gigabytes);
  }

  /** The plan as JSON, which `api.prunePlan()` accepts, in any process. Equal plans have equal digests. */
  toJSON(): PrunePlanJson {
    return lazy.json().planToJson(this.#contents);
  }

  /** What `console.log` shows. @internal */
  [INSPECT](): string {
    return this.toString();
  }
}
