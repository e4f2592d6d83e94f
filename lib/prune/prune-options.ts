import { checkConditions, type CheckedImageQuery, IMAGE_QUERY, type ImageQuery } from '../image-query';
import { CALL_OPTIONS } from '../model/call-options';
import type { CallOptions } from '../model/requester';
import { type CheckedOptions, nestedOptions, validateOptions } from '../util/options/validate-options';
import { ownOptions } from '../util/options/own-options';
import { TIME_SPAN, type TimeSpan } from '../util/options/time-spans';
import { type Check, defineCheck, is } from '../util/validate';
import { GROUP_BY, type GroupBy } from './image-groups';
import type { PruneResult } from './plan-entries';
import { type CheckedPolicy, isEmptyPolicy, RETENTION, type RetentionPolicy } from './retention-policy';

/** Which images to prune, and what to keep. */
export interface PruneOptions extends CallOptions {
  /** Selects the images, as `findImages` does; default: all of the account. All others stay. */
  match?: ImageQuery | undefined;
  /** How images are grouped; the policy is applied to each group. Default: all together. */
  groupBy?: GroupBy | undefined;
  /** What to keep of each group; a number: of the newest images. */
  keep: RetentionPolicy | number;
  /** Younger images stay, whatever the policy: milliseconds, or such as `'36h'`, `'14d'`, `'8w'`. */
  olderThan?: TimeSpan | undefined;
  /** Which images stay, whatever the policy. */
  protect?:
    | {
        /** `false`: images that a Droplet or an autoscale pool uses do not stay because of that. Default `true`. */
        inUse?: boolean | undefined;
      }
    | undefined;
  /** Whether a group may lose all its images; default `false`: that is an error. */
  keepNone?: boolean | undefined;
}

const MATCH = defineCheck<CheckedImageQuery>('{ name, type, … }: a query', is.object.test, {
  read: (name, value) => validateOptions(checkConditions(name, value, `${name}.`), IMAGE_QUERY, name),
});

const OPTIONS = {
  ...CALL_OPTIONS,
  match: is.withDefault(MATCH, { private: true }),
  groupBy: GROUP_BY,
  keep: is.required(RETENTION),
  olderThan: TIME_SPAN,
  protect: nestedOptions({ inUse: is.withDefault(is.flag, true) }),
  keepNone: is.withDefault(is.flag, false),
};

/** Options of a plan that were checked. */
export interface PruneOrder {
  match: CheckedImageQuery;
  groupBy: GroupBy | undefined;
  keep: CheckedPolicy;
  /** In milliseconds. */
  olderThan: number;
  protectInUse: boolean;
  keepNone: boolean;
  call: CallOptions;
}

/** @throws TypeError, RangeError naming the option */
export function checkPruneOptions(options: PruneOptions): PruneOrder {
  const {
    match,
    groupBy,
    keep,
    olderThan = 0,
    protect,
    keepNone,
    ...call
  } = validateOptions(options, OPTIONS);
  const policy = keep as CheckedPolicy;
  if (isEmptyPolicy(policy) && !keepNone)
    throw new RangeError(
      'keep: expected a policy that keeps something; keepNone: true allows one that keeps nothing',
    );
  return {
    match,
    groupBy,
    keep: policy,
    olderThan: olderThan as number,
    protectInUse: protect?.inUse ?? true,
    keepNone,
    call: ownOptions(call),
  };
}

/** How far `plan.apply()` is. */
export interface PruneProgress {
  /** What has become of the image that was decided last. */
  result: PruneResult;
  /** How many images are decided. */
  done: number;
  /** How many images the plan deletes. */
  total: number;
}

/** How to apply a plan. */
export interface ApplyOptions extends CallOptions {
  /** How many images to delete at the same time, 1 to 100; default 8. */
  concurrency?: number | undefined;
  /** Called for each image. When it throws or rejects, no further deletion is sent, and `apply` rejects with that. */
  onProgress?: ((progress: PruneProgress) => unknown) | undefined;
}

const APPLY_OPTIONS = {
  ...CALL_OPTIONS,
  concurrency: is.withDefault(is.integer(1, 100), 8),
  onProgress: is.function as unknown as Check<(progress: PruneProgress) => unknown>,
};

/** Options of `apply` that were checked. */
export type CheckedApplyOptions = CheckedOptions<typeof APPLY_OPTIONS>;

/** @throws TypeError, RangeError naming the option */
export function checkApplyOptions(options: ApplyOptions): CheckedApplyOptions {
  return validateOptions(options, APPLY_OPTIONS);
}
