import { OURS } from '../clients';
import { type Bench, clientNamed, interleaved, runProgram } from '../program';
import { atMost, type Section } from '../section';
import { median } from '../statistics';

interface Kind {
  what: 'requests' | 'managers' | 'waits';
  count: number;
}

/** A heap in bytes. */
interface Found {
  first: number;
  last: number;
}

const MIB = 2 ** 20;
/** What takes a minute, and varies little, is measured once; the others more often. */
const RUNS = 3;

const REQUESTS: Kind = { what: 'requests', count: 1_000_000 };
const MANAGERS: Kind = { what: 'managers', count: 10_000 };
const WAITS: Kind = { what: 'waits', count: 100_000 };

/** The memory that requests and managers leave behind, and that of waits. */
export async function memory(bench: Bench): Promise<Section[]> {
  const client = { ...clientNamed(bench, OURS), nodeArgs: ['--expose-gc'] };
  const countOf = ({ count }: Kind): number => Math.ceil((count * bench.scale) / 10) * 10;
  const measure = async (kinds: readonly Kind[], runs: number): Promise<[Kind, Found][]> => {
    const found = await interleaved(kinds, runs, (kind) => {
      bench.say(`memory: ${kind.what}`);
      return runProgram<Found>(bench, 'memory.cjs', client, { what: kind.what, count: countOf(kind) });
    });
    return [...found].map(([kind, all]) => {
      const of = (value: (one: Found) => number): number => median(all.map(value));
      return [kind, { first: of(({ first }) => first), last: of(({ last }) => last) }];
    });
  };
  const found = [
    ...(await measure([REQUESTS], 1)),
    ...(await measure([MANAGERS, WAITS], Math.min(RUNS, bench.runs))),
  ];
  const growth = (kind: Kind): number => {
    const [, { first, last }] = found.find(([one]) => one === kind) ?? [kind, { first: NaN, last: NaN }];
    return last - first;
  };
  const perWait = growth(WAITS) / countOf(WAITS);
  return [
    {
      name: 'memory',
      title: 'Memory of requests, managers and waits',
      how:
        'The heap after garbage collection. Requests, in sequence, and managers with one request each, dropped without `close()`: ' +
        'after a tenth of them and after all, with the default rate limits, at a clock on which 750 ms pass with each request. Waits: ' +
        'before and after they are started, without their actions. Responses come from an adapter in the same process.',
      columns: ['what', 'number', 'heap first, MiB', 'heap last, MiB', 'bytes each'],
      rows: found.map(([kind, { first, last }]) => [
        kind.what,
        countOf(kind),
        first / MIB,
        last / MIB,
        kind === WAITS ? Math.round(perWait) : null,
      ]),
      verdicts: [
        atMost('1,000,000 requests: heap growth from a tenth to the end', 2, growth(REQUESTS) / MIB, ' MiB'),
        atMost('10,000 managers: heap growth from a tenth to the end', 2, growth(MANAGERS) / MIB, ' MiB'),
        atMost('Each of 100,000 waits', 1_200, perWait, ' bytes'),
      ],
      charts: [],
    },
  ];
}
