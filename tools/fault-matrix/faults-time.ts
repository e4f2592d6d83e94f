import { systemClock } from '../../lib/util/clock';
import { HOUR } from '../../lib/util/time-units';
import type { Rewritten } from '../support/toxics';
import { IMAGES } from './operations';
import { type Fault, FINE, often, row, type Variant } from './fault';
import { bodyOf, headOf, responseOf, rewritingAll } from './responses';
import type { TestBed } from './test-bed';

const sound = { error: 'TimeoutError', reaches: true, executes: true } as const;

/** Only the response to a POST is lost. */
const LOST_POST = row('ok', 'ok', 'ok', 'unknown', 'ok');

/** A stalled event loop: longer than the timeout of an attempt, in milliseconds. */
const STALL = { timeout: 500, block: 600 };

/** The time limits of the machine's clock, which a stalled loop needs. */
const REAL_TIME = { clock: systemClock, timeout: STALL.timeout, waitInterval: 500, waitTime: 4_000 };

/**
 * The event loop stands still from the moment all responses have arrived until after their time limit. The sandbox is in the
 * same process: it cannot respond meanwhile.
 */
function stalling(bed: TestBed, times: number): void {
  bed.options = REAL_TIME;
  let arrived = 0;
  const passed = (): void => {
    arrived += 1;
    if (arrived === bed.tries) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL.block);
  };
  rewritingAll((response) => ({ data: response, then: 'keep', passed }))(bed, times);
}

/** What happens to the POST of a variant. */
type Fate = 'answered' | 'carried out, response lost' | 'lost before';

interface Telling {
  fate: Fate;
  /** Changes each response that is not lost. */
  change?: (response: Buffer) => Buffer;
  /** Called once, as the first request of the operation reaches the API or its first response comes. */
  meanwhile?: () => void;
}

/** Loses requests of POST, or their responses. Others arrive. */
function telling(
  bed: TestBed,
  times: number,
  { fate, change = (one) => one, meanwhile = nothing }: Telling,
): void {
  let hasHappened = false;
  const once = (): void => {
    if (!hasHappened) meanwhile();
    hasHappened = true;
  };
  const isPost = ({ method }: { method: string }): boolean => {
    once();
    return method === 'POST';
  };
  if (fate === 'lost before')
    bed.sandbox.fail({ with: 'reset-before-execution', when: isPost, ...often(times) });
  const rewrite = (response: Buffer): Rewritten => {
    once();
    // 201 and 202 are what a POST is answered with.
    const isLost = fate !== 'answered' && /^HTTP\/1\.1 20[12] /.test(headOf(response));
    return isLost ? { data: Buffer.alloc(0), then: 'reset' } : { data: change(response), then: 'keep' };
  };
  bed.proxy.add({ type: 'rewrite', attributes: { rewrite } });
}

const nothing = (): void => undefined;

/** What is expected of a call whose POST has this fate. */
function fateOf(fate: Fate): Omit<Variant, 'arrange'> {
  if (fate === 'answered') return { ...sound, expectations: FINE };
  const executes = fate === 'carried out, response lost';
  // It searches by itself, and finds what was carried out. With clocks that disagree it may doubt, but not err.
  const exceptions = executes
    ? ({ 'create custom': 'ok', createDroplet: 'ok' } as const)
    : ({ takeSnapshot: 'goes on' } as const);
  return { ...sound, executes, expectations: LOST_POST, exceptions, mayDoubt: true };
}

const FATES: readonly Fate[] = ['answered', 'carried out, response lost', 'lost before'];

const hours = (count: number): string => `${count > 0 ? '+' : '−'}${Math.abs(count)} h`;

/** Jumps of the local date: before the request, while it is under way, and there and back. */
const JUMPS: readonly [name: string, before: number, meanwhile: number][] = [
  ...[1, -1].flatMap((count): [string, number, number][] => [
    [`${hours(count)} before`, count, 0],
    [`${hours(count)} meanwhile`, 0, count],
    [`${hours(count)}, then set right`, count, -count],
  ]),
];

const jumping = (fate: Fate, [name, before, meanwhile]: (typeof JUMPS)[number]): Variant => ({
  ...fateOf(fate),
  name: `${name}, ${fate}`,
  isWarm: true,
  arrange: (bed, times) => {
    bed.clock.jump(before * HOUR);
    telling(bed, times, { fate, meanwhile: () => bed.clock.jump(meanwhile * HOUR) });
  },
});

/** A response with another date header. */
const dated =
  (date: (real: number) => string | null) =>
  (response: Buffer): Buffer => {
    const head = headOf(response);
    const said = Date.parse(/^date: *(.*)$/im.exec(head)?.[1] ?? '');
    const value = date(Number.isNaN(said) ? Date.UTC(2026, 0, 1) : said);
    const rest = head.replace(/^date:.*\r\n/im, '');
    const isEmpty = bodyOf(response).length === 0;
    const lines = value === null ? [] : [`date: ${value}`];
    return isEmpty
      ? Buffer.from(rest.replace(/\r\n\r\n$/, `\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`))
      : responseOf(rest, bodyOf(response), ...lines);
  };

const off =
  (ms: number) =>
  (date: number): string =>
    new Date(date + ms).toUTCString();

/** What the date header says. */
const LIES: readonly [name: string, date: (real: number) => string | null][] = [
  ['+1 h', off(HOUR)],
  ['−1 h', off(-HOUR)],
  ['absent', () => null],
  ['unreadable', () => 'Thu, 99 Foo 2026'],
];

const lying = (fate: Fate, [name, date]: (typeof LIES)[number]): Variant => ({
  ...fateOf(fate),
  name: `${name}, ${fate}`,
  reconcilesDuring: true,
  // By a server that is an hour behind, items of the last hour are new ones: the list has changed, and is read again.
  slack: IMAGES / 2,
  arrange: (bed, times) => telling(bed, times, { fate, change: dated(date) }),
});

/** What can be wrong with the time: of the event loop, of this machine, of the server. */
export const TIME_FAULTS: readonly Fault[] = [
  {
    code: 'F73',
    name: 'a stalled event loop',
    isAlone: true,
    variants: [{ ...sound, expectations: FINE, arrange: stalling }],
  },
  {
    code: 'F74',
    name: 'the date jumps by an hour',
    sample: 'transfer',
    variants: FATES.flatMap((fate) => JUMPS.map((jump) => jumping(fate, jump))),
  },
  {
    code: 'F75',
    name: 'the date header lies',
    sample: 'convert',
    variants: FATES.flatMap((fate) => LIES.map((lie) => lying(fate, lie))),
  },
];
