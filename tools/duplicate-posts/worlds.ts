import { AsyncLocalStorage } from 'node:async_hooks';
import {
  DOApi,
  LookupError,
  type TransportRequest,
  type TransportResponse,
  UnknownOutcomeError,
} from '../../lib';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import { seededRandom } from '../../lib/sandbox/state/random';
import { type Clock, sleep } from '../../lib/util/clock';
import { CANARY } from '../support/canary';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Lists show an item within this time. */
const MAX_LAG = MINUTE - SECOND;

/** What may go wrong in a world. */
export interface Weather {
  name: string;
  processes: number;
  /** POSTs of each process; several of the same kind at once. */
  posts: number;
  /** Milliseconds in which all POSTs are sent. */
  span: number;
  /** Whether a process reads the list, or anything else, before it sends a POST. */
  reads: 'list' | 'anything' | 'nothing';
  /** Whether the clocks of processes and server are off and jump, and date headers may be missing or lie. */
  jumps: boolean;
}

const QUIET = { processes: 1, posts: 1, span: MINUTE, jumps: false } as const;

/** One process, one POST at a time, clocks that are right. */
const PLAIN: readonly Weather[] = [
  { name: 'plain', reads: 'list', ...QUIET },
  { name: 'plain, the list was not read before', reads: 'anything', ...QUIET },
  { name: 'plain, the POST is the first request', reads: 'nothing', ...QUIET },
];

/** Whether everything that was carried out has to be found. */
export const isPlain = (weather: Weather): boolean => PLAIN.includes(weather);

export const WEATHERS: readonly Weather[] = [
  ...PLAIN,
  {
    name: 'several POSTs at once',
    reads: 'anything',
    processes: 1,
    posts: 3,
    span: 20 * SECOND,
    jumps: false,
  },
  { name: 'two processes', reads: 'anything', processes: 2, posts: 2, span: 3 * MINUTE, jumps: false },
  { name: 'clocks that jump', reads: 'anything', processes: 1, posts: 2, span: 10 * MINUTE, jumps: true },
  {
    name: 'two processes, clocks that jump',
    reads: 'anything',
    processes: 2,
    posts: 2,
    span: 3 * MINUTE,
    jumps: true,
  },
];

/** The results of the searches for lost POSTs. */
export interface Searches {
  lost: number;
  /** How many of them were carried out. */
  carriedOut: number;
  found: number;
  absent: number;
  /** LookupError, and `mayHaveExecuted` stays true. */
  doubt: number;
  falseDenials: number;
  falseClaims: number;
  /**
   * Claims of what another process made during the same attempt, of the same kind, while ours was not carried out: nothing in
   * the list differs from what ours would have made.
   */
  twins: number;
  /** Anything else, in sentences. */
  unexpected: string[];
}

export const noSearches = (): Searches => ({
  lost: 0,
  carriedOut: 0,
  found: 0,
  absent: 0,
  doubt: 0,
  falseDenials: 0,
  falseClaims: 0,
  twins: 0,
  unexpected: [],
});

/** An item of the account. */
interface Made {
  id: number;
  /** The index of the POST that made it; `null`: of an earlier process. */
  by: number | null;
  madeAt: number;
  date: number;
  shownAt: number;
}

/** A POST of the script, and when it was sent and lost. */
interface Post {
  process: number;
  index: number;
  startsAt: number;
  fate: 'answered' | 'carried out' | 'not carried out';
  refusals: number;
  takes: number;
  /** Which part of that passes before it is carried out. */
  share: number;
  reconcileAfter: number;
  sentAt: number;
  lostAt: number;
}

type Kind = 'transfer' | 'convert' | 'import';

const stampOf = (date: number): string => `${new Date(date).toISOString().slice(0, -5)}Z`;

/** A machine's date that is set from time to time. */
class Dates {
  readonly #base: number;
  readonly #jumps: readonly { at: number; by: number }[];

  constructor(base: number, jumps: readonly { at: number; by: number }[]) {
    this.#base = base;
    this.#jumps = jumps;
  }

  at(now: number): number {
    return this.#jumps.reduce((date, { at, by }) => (now >= at ? date + by : date), this.#base + now);
  }
}

/** The POST that a request belongs to. One for all worlds: each costs every promise of the process a little. */
const SENDER = new AsyncLocalStorage<Post>();

/** A server with one image, and processes that send it POSTs of one kind. */
class LostWorld {
  readonly #weather: Weather;
  readonly #random: () => number;
  readonly #clock = new VirtualClock();
  readonly #kind: Kind;
  readonly #server: Dates;
  readonly #header: 'right' | 'none' | number;
  readonly #lag: number;
  readonly #items: Made[] = [];
  readonly #posts: Post[] = [];

  constructor(weather: Weather, seed: number) {
    this.#weather = weather;
    this.#random = seededRandom(seed);
    this.#kind = this.#pick(['transfer', 'convert', 'import']);
    this.#server = this.#dates();
    const header = weather.jumps ? this.#pick(['right', 'right', 'none', 'lies'] as const) : 'right';
    this.#header = header === 'lies' ? this.#offset() : header;
    this.#lag = this.#random() < 0.5 ? 0 : this.#random() * MAX_LAG;
    for (let left = this.#whole(3); left > 0; left--) this.#make(null, -this.#age());
    for (let process = 0; process < weather.processes; process++)
      for (let nth = 0; nth < weather.posts; nth++) this.#posts.push(this.#post(process));
  }

  #whole(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #pick<T>(all: readonly T[]): T {
    return all[this.#whole(all.length)] as T;
  }

  /** By how much a clock may be off. */
  #offset(): number {
    const sizes = [3 * SECOND, 30 * SECOND, 5 * MINUTE, 60 * MINUTE];
    return (this.#random() < 0.5 ? -1 : 1) * this.#pick([...sizes, this.#random() * 2 * 60 * MINUTE]);
  }

  /** How long before the first POST an item was made. */
  #age(): number {
    return 3 * SECOND + this.#random() * this.#pick([20 * SECOND, 10 * MINUTE, 2 * DAY]);
  }

  #dates(): Dates {
    const { jumps, span } = this.#weather;
    const base = this.#clock.date() + this.#random() * SECOND;
    if (!jumps) return new Dates(base, []);
    const off = this.#random() < 0.5 ? 0 : this.#offset();
    const times = Array.from({ length: this.#whole(3) }, () => this.#random() * (span + 2 * MINUTE));
    // Half of them set the clock right.
    const isCorrected = off !== 0 && this.#random() < 0.5;
    const steps = times.map((at, nth) => ({ at, by: nth === 0 && isCorrected ? -off : this.#offset() }));
    // Others are set right again.
    const [last] = steps.slice(-1);
    if (last && this.#random() < 0.3) steps.push({ at: last.at + MINUTE * this.#random(), by: -last.by });
    return new Dates(base + off, steps);
  }

  #post(process: number): Post {
    const fate = this.#pick(['answered', 'carried out', 'carried out', 'not carried out'] as const);
    return {
      process,
      index: this.#posts.length,
      startsAt: MINUTE + this.#random() * this.#weather.span,
      fate,
      refusals: this.#random() < 0.3 ? 1 : 0,
      takes: this.#pick([1, 300, 3_000, 25_000]) * this.#random(),
      share: this.#random(),
      reconcileAfter: this.#random() < 0.7 ? 0 : this.#random() * 10 * MINUTE,
      sentAt: NaN,
      lostAt: NaN,
    };
  }

  #make(by: number | null, now: number): Made {
    let id = 0;
    // In no order: the API promises none.
    while (id === 0 || this.#items.some((item) => item.id === id)) id = 1 + this.#whole(1e9);
    const made = { id, by, madeAt: now, date: this.#server.at(now), shownAt: now + this.#lag };
    this.#items.push(made);
    return made;
  }

  #json({ id, date }: Made): object {
    if (this.#kind === 'import')
      return { id, name: 'golden', type: 'custom', regions: [], created_at: stampOf(date), status: 'NEW' };
    const region = this.#kind === 'transfer' ? 'fra1' : null;
    const started_at = stampOf(date);
    return {
      id,
      type: this.#kind,
      status: 'errored',
      started_at,
      resource_id: 5,
      resource_type: 'image',
      region_slug: region,
    };
  }

  readonly #respond = async (request: TransportRequest): Promise<TransportResponse> => {
    const clock = this.#clock;
    if (request.method !== 'POST') {
      await sleep(clock, 50 * this.#random(), request.signal);
      const shown = this.#items.filter(({ shownAt }) => shownAt <= clock.now());
      const key = this.#kind === 'import' ? 'images' : 'actions';
      const list = request.url.includes('/v2/account')
        ? {}
        : { [key]: shown.map((item) => this.#json(item)) };
      return this.#reply(200, { ...list, meta: { total: shown.length } });
    }
    const post = SENDER.getStore();
    if (!post) throw new Error('no POST is expected');
    if (post.refusals > 0) {
      post.refusals -= 1;
      return this.#reply(
        429,
        { id: 'too_many_requests', message: 'API Rate limit exceeded.' },
        { 'retry-after': '5' },
      );
    }
    post.sentAt = clock.now();
    await sleep(clock, post.takes * post.share, request.signal);
    const made = post.fate === 'not carried out' ? null : this.#make(post.index, clock.now());
    await sleep(clock, post.takes * (1 - post.share), request.signal);
    if (made && post.fate === 'answered') {
      const noun = this.#kind === 'import' ? 'image' : 'action';
      return this.#reply(201, { [noun]: this.#json(made) });
    }
    post.lostAt = clock.now();
    throw new Error('socket hang up');
  };

  #reply(status: number, body: object, headers: Record<string, string> = {}): TransportResponse {
    const date = this.#server.at(this.#clock.now()) + (typeof this.#header === 'number' ? this.#header : 0);
    const own = this.#header === 'none' ? {} : { date: new Date(date).toUTCString() };
    return { status, headers: { ...own, ...headers }, body: JSON.stringify(body) };
  }

  /** Runs all processes, and adds the results of their searches. */
  async run(searches: Searches): Promise<void> {
    const processes = Array.from({ length: this.#weather.processes }, (_, process) =>
      this.#run(process, searches),
    );
    await Promise.all(processes);
  }

  async #run(process: number, searches: Searches): Promise<void> {
    const clock = this.#clock;
    const dates = this.#weather.jumps ? this.#dates() : new Dates(clock.date() + SECOND * this.#random(), []);
    const own: Clock = {
      now: () => clock.now() + 1e6 * (process + 1),
      date: () => Math.floor(dates.at(clock.now())),
      after: (ms, callback) => clock.after(ms, callback),
    };
    const api = new DOApi({
      token: `${CANARY}${process}`,
      endpoint: 'https://api.digitalocean.com',
      clock: own,
      rateLimit: false,
      transport: { adapter: this.#respond },
    });
    const { reads, jumps } = this.#weather;
    const first = jumps && this.#random() < 0.3 ? 'nothing' : reads;
    const list = this.#kind === 'import' ? '/v2/images' : '/v2/images/5/actions';
    const posts = this.#posts.filter((post) => post.process === process);
    await Promise.all(
      posts.map(async (post) => {
        await sleep(clock, Math.max(0, post.startsAt - 30 * SECOND * this.#random()));
        if (first !== 'nothing') await api.request(first === 'list' ? list : '/v2/account');
        await sleep(clock, Math.max(0, post.startsAt - clock.now()));
        await SENDER.run(post, () => this.#send(api, post, searches));
      }),
    );
    await api.close();
  }

  async #send(api: DOApi, post: Post, searches: Searches): Promise<void> {
    let error: unknown;
    try {
      if (this.#kind === 'import') {
        const region = 'nyc3';
        const image = await api.createCustomImage({
          name: 'golden',
          url: 'https://example.com/a.raw',
          region,
        });
        this.#count(post, image, searches);
        return;
      }
      const body = this.#kind === 'transfer' ? { type: 'transfer', region: 'fra1' } : { type: 'convert' };
      const action = await api.image(5).act(body);
      if (Number.isNaN(post.lostAt)) return;
      this.#count(post, action, searches);
      return;
    } catch (reason) {
      error = reason;
    }
    if (!(error instanceof UnknownOutcomeError)) {
      searches.unexpected.push(String(error));
      return;
    }
    if (this.#kind === 'import') {
      this.#count(post, error.mayHaveExecuted ? error.cause : null, searches);
      return;
    }
    await sleep(this.#clock, post.reconcileAfter);
    const found: unknown = await error.reconcile().catch((reason: unknown) => reason);
    this.#count(post, found, searches);
    if (error.mayHaveExecuted !== (found !== null)) searches.unexpected.push('mayHaveExecuted is wrong');
  }

  #count(post: Post, found: unknown, searches: Searches): void {
    if (Number.isNaN(post.lostAt)) return;
    searches.lost += 1;
    const made = this.#items.find(({ by }) => by === post.index) ?? null;
    if (made) searches.carriedOut += 1;
    if (found === null) searches[made ? 'falseDenials' : 'absent'] += 1;
    else if (found instanceof LookupError) {
      searches.doubt += 1;
      const ids = (found.candidates as { id: number }[]).map(({ id }) => id);
      if (made && !ids.includes(made.id)) searches.unexpected.push('what was made is no candidate');
    } else if (found instanceof Error) searches.unexpected.push(String(found));
    else if ((found as { id: number }).id === made?.id) searches.found += 1;
    else searches[this.#isTwin(post, (found as { id: number }).id) ? 'twins' : 'falseClaims'] += 1;
  }

  /** Whether another process made the item during the attempt of a POST, as far as full seconds tell. */
  #isTwin({ process, sentAt, lostAt }: Post, id: number): boolean {
    const item = this.#items.find((one) => one.id === id);
    if (!item || (item.by !== null && this.#posts[item.by]?.process === process)) return false;
    return item.madeAt >= sentAt - 3 * SECOND && item.madeAt <= lostAt + 3 * SECOND;
  }
}

/** Runs a world and adds the results of its searches. */
export function runWorld(weather: Weather, seed: number, searches: Searches): Promise<void> {
  return new LostWorld(weather, seed).run(searches);
}
