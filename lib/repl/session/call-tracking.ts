import { AsyncLocalStorage } from 'node:async_hooks';
import { Action, DOApi, Image, Listing, type RequestOptions } from '../..';
import type { CompletionIndex } from '../commands/completion-index';
import type { Evaluation } from './evaluation';

/** Which methods send something, and which of their arguments holds the signal. */
const CALLS: readonly (readonly [{ prototype: object }, Readonly<Record<string, number>>])[] = [
  [
    DOApi,
    {
      fetchImage: 1,
      fetchImageBySlug: 1,
      createCustomImage: 1,
      fetchAction: 1,
      fetchLastAction: 0,
      waitActions: 1,
      request: 1,
    },
  ],
  [
    Image,
    {
      fetch: 0,
      update: 1,
      delete: 0,
      transfer: 1,
      convert: 0,
      act: 1,
      replicate: 1,
      waitForAction: 0,
      waitUntilAvailable: 0,
      tag: 1,
      untag: 1,
      fetchAction: 1,
      fetchLastAction: 0,
      fetchCurrentAction: 0,
    },
  ],
  [Action, { fetch: 0, fetchResource: 0, wait: 0 }],
  [Listing, { toArray: 0, first: 0, find: 1, pages: 0, page: 1, total: 0 }],
];

/** What deletes, or makes something that is paid for, as a question. */
const GRAVE: readonly (readonly [
  { prototype: object },
  string,
  (self: unknown, args: unknown[]) => string | null,
])[] = [
  [Image, 'delete', (image) => `Delete ${named(image)}, in all regions and for good?`],
  [Image, 'act', (image, [body]) => question((body as { type?: unknown } | undefined)?.type, image, body)],
  [
    Image,
    'replicate',
    (image, [regions]) => `Copy ${named(image)} to ${list(regions)}? Each copy is paid for.`,
  ],
  [DOApi, 'createCustomImage', () => 'Import an image? It is paid for as long as it is kept.'],
  [DOApi, 'request', (_, [path, options]) => raw(path, options as RequestOptions | undefined)],
];

function question(type: unknown, image: unknown, body: unknown): string {
  if (type === 'transfer')
    return `Copy ${named(image)} to ${String((body as { region?: unknown }).region)}? The copy is paid for.`;
  if (type === 'convert') return `Make a snapshot of ${named(image)}? It is paid for as long as it is kept.`;
  return `Start ${String(type)} on ${named(image)}?`;
}

function raw(path: unknown, options: RequestOptions | undefined): string | null {
  const { method = 'GET' } = options ?? {};
  return method === 'GET' ? null : `Send ${method} ${String(path)}?`;
}

function named(image: unknown): string {
  const { id, name, slug } = image as Image;
  return slug ?? (name ? `${name} (${id})` : `image ${id}`);
}

function list(regions: unknown): string {
  return Array.isArray(regions) ? regions.map(String).join(', ') : String(regions);
}

/** What a session does with every call. */
export interface Care {
  turn: Evaluation;
  seen: CompletionIndex;
  /** Asks before what deletes or costs; rejects when the answer is no. `null`: nobody is asked. */
  confirm: ((question: string) => Promise<void>) | null;
}

type Method = (this: object, ...args: unknown[]) => unknown;

/**
 * Takes care of every call made in this process, which is that of a session: Ctrl-C ends it, what it gives can be
 * completed afterwards, and what is grave is asked about. The library itself knows of none of this.
 */
export function takeCare({ turn, seen, confirm }: Care): void {
  for (const [{ prototype }, methods] of CALLS)
    for (const [name, at] of Object.entries(methods))
      change(
        prototype,
        name,
        (own) =>
          function (...args) {
            args[at] = withSignal(args[at], turn.signal);
            return seen.pass(turn.follow(own.apply(this, args)));
          },
      );
  change(
    Listing.prototype,
    Symbol.asyncIterator,
    (own) =>
      function () {
        return untilInterrupted(own.call(this) as AsyncGenerator<unknown, void>, turn, seen);
      },
  );
  if (confirm) askFirst(confirm);
}

/** What a grave call does on its way is part of it, and not asked about again. */
function askFirst(confirm: (question: string) => Promise<void>): void {
  const allowed = new AsyncLocalStorage<true>();
  for (const [{ prototype }, name, ask] of GRAVE)
    change(
      prototype,
      name,
      (own) =>
        async function (...args) {
          const text = allowed.getStore() ? null : ask(this, args);
          if (text === null) return own.apply(this, args);
          await confirm(text);
          return allowed.run(true, () => own.apply(this, args));
        },
    );
}

/** Puts something around a method of a class. */
export function change(prototype: object, name: string | symbol, around: (own: Method) => Method): void {
  const own = Reflect.get(prototype, name) as Method;
  Object.defineProperty(prototype, name, { value: around(own), configurable: true, writable: true });
}

/** Options with our signal besides that of the caller; what is no options object is left to the method's own checks. */
function withSignal(options: unknown, ours: AbortSignal): unknown {
  if (options === undefined) return { signal: ours };
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return options;
  const { signal } = options as { signal?: unknown };
  if (signal === undefined) return { ...options, signal: ours };
  return signal instanceof AbortSignal ? { ...options, signal: AbortSignal.any([signal, ours]) } : options;
}

async function* untilInterrupted(
  items: AsyncGenerator<unknown, void>,
  turn: Evaluation,
  seen: CompletionIndex,
): AsyncGenerator<unknown, void, undefined> {
  try {
    for (;;) {
      const next = await turn.race(items.next());
      if (next.done) return;
      seen.add(next.value);
      yield next.value;
    }
  } finally {
    // A page may be under way: it is not waited for.
    items.return().catch(() => undefined);
  }
}
