import { parseJson } from '../../http/response/json';
import type { JsonObject } from '../../model/fields';
import { checkAsked } from '../../model/resource';
import type { TargetRef } from '../../model/wait-target';
import { toJsonText } from '../../util/options/own-options';
import { resourceIdOf } from '../poll-lists';
import type { RoundCost } from '../poll-round';
import type { PollAccount } from './poll-host';

/** In characters. A Droplet with hundreds of snapshots has less. */
const MAX_STATE = 65_536;

/**
 * Reads the state of a target out of a store, with the checks of a response, and its declared fields only: another program may
 * have written it. `null` when it is none.
 */
export function readState(
  text: unknown,
  { kind, id, parent }: TargetRef,
  account: PollAccount,
): JsonObject | null {
  try {
    const json = typeof text === 'string' && text.length <= MAX_STATE ? parseJson(text) : null;
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
    checkAsked(json as JsonObject, { id, resource_id: resourceIdOf(parent) });
    return parseJson(declaredText(json as JsonObject, kind, account)) as JsonObject;
  } catch {
    return null;
  }
}

/**
 * The state of a target as a store gets it: its declared fields, and nothing else of what the response quotes. `null` when
 * there is none that other processes may have: it cannot be read, or one of its fields quotes the token.
 */
export function writeState(json: JsonObject, { kind }: TargetRef, account: PollAccount): string | null {
  try {
    const text = declaredText(json, kind, account);
    return account.hide(text) === text && text.length <= MAX_STATE ? text : null;
  } catch {
    return null;
  }
}

function declaredText(json: JsonObject, kind: TargetRef['kind'], account: PollAccount): string {
  return toJsonText(account.declaredFields(kind, json)) ?? '';
}

/** What a round of the leader has cost; how many requests is known only when it is over, and then for all that it showed. */
export class LeaderCost implements RoundCost {
  constructor(
    readonly at: number,
    private readonly latest: Pick<RoundCost, 'requests'>,
  ) {}

  get requests(): number {
    return this.latest.requests;
  }
}
