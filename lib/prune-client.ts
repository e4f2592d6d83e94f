import { ImageClient } from './image-client';
import { Image } from './image';
import type * as PlanModule from './prune/prune-plan';
import type * as PlanningModule from './prune/planning';
import type { PruneOptions } from './prune/prune-options';
import type { PrunePlan } from './prune/prune-plan';
import { withoutPollution } from './util/options/own-options';

/** A program that prunes nothing does not pay for it: these are loaded at their first use. */
/* eslint-disable @typescript-eslint/no-require-imports -- loaded at its first use, synchronously */
const lazy = {
  plan: () => withoutPollution(() => require('./prune/prune-plan') as typeof PlanModule),
  planning: () => withoutPollution(() => require('./prune/planning') as typeof PlanningModule),
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** The part of a manager that plans which images to delete. */
export abstract class PruneClient extends ImageClient {
  /**
   * Plans which images to delete: all that the policy does not keep and nothing protects. Deletes nothing.
   *
   * Always kept are public images, those that are not available, those with an action in progress, and those that a Droplet
   * or an autoscale pool uses. All dates are by DigitalOcean's clock.
   *
   * ```ts
   * const plan = await api.planPrune({ match: { type: 'snapshot' }, groupBy: 'droplet', keep: { last: 3, daily: 7 } });
   * ```
   *
   * @param options what to prune, and what to keep
   * @returns the plan: print it, save it, or carry it out with `plan.apply()`
   * @throws RangeError when the policy would keep nothing of a group, PermissionDeniedError when the token cannot see
   *   Droplets (unless `protect: { inUse: false }`), DOApiError when a list changed each time it was read
   */
  async planPrune(options: PruneOptions): Promise<PrunePlan> {
    return lazy.planning().planPrune(this.requester, options);
  }

  /**
   * Reads a plan that was saved, without a request.
   * @param json what `plan.toJSON()` returned, or its text, or a plan of another manager
   * @throws TypeError, RangeError when it is no plan, or was changed since it was made
   */
  prunePlan(json: object | string): PrunePlan {
    const imageOf = (name: string, image: object): Image => this.create(Image, name, image);
    return lazy.plan().PrunePlan.read(this.requester, json, imageOf);
  }
}
