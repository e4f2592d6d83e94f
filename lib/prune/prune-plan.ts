import type { Requester } from '../model/requester';
import { INSPECT } from '../model/inspect';
import { applyPlan } from './apply-plan';
import type { PlannedImage, PruneResult } from './plan-entries';
import {
  planFromJson,
  type PlanImageReader,
  type PlanContents,
  planToJson,
  type PrunePlanJson,
} from './plan-json';
import { planTable } from './plan-table';
import { type ApplyOptions, checkApplyOptions } from './prune-options';

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
    return new PrunePlan(api, planFromJson(json instanceof PrunePlan ? json.toJSON() : json, imageOf));
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
    return applyPlan(this.#api, this.#contents, checkApplyOptions(options));
  }

  /** A table of what is deleted and kept, with the reasons. */
  toString(): string {
    return planTable(this.#contents, this.gigabytes);
  }

  /** The plan as JSON, which `api.prunePlan()` accepts, in any process. Equal plans have equal digests. */
  toJSON(): PrunePlanJson {
    return planToJson(this.#contents);
  }

  /** What `console.log` shows. @internal */
  [INSPECT](): string {
    return this.toString();
  }
}
