import type { Fault, FaultKind, FaultRule, Sandbox } from '../../sandbox';
import type { Command } from './command';
import type { Screen } from '../show/style';
import { definitions } from '../show/table';
import { duration } from '../show/text-layout';

/** The kinds of faults and what they do. */
const KINDS: Readonly<Record<Exclude<FaultKind, 'altered'>, string>> = {
  status: 'responds with 500',
  'status-after-execution': 'executes the request, responds with 503',
  html: 'a proxy’s HTML page instead of a response',
  'burst-limit': '429: too many requests in a minute',
  'hourly-limit': '429: too many requests in an hour',
  redirect: 'redirects to another host',
  delay: 'responds after a second',
  refused: 'refuses the connection',
  'reset-before-execution': 'resets the connection before execution',
  'reset-after-execution': 'executes the request, then resets the connection',
  'stall-before-execution': 'never responds, and does not execute the request',
  'stall-after-execution': 'never responds, but executes the request',
  'stall-in-body': 'stops responding within the body',
  'cut-in-body': 'resets the connection within the body',
  drip: 'sends the body byte by byte',
  'not-http': 'responds with something that is not HTTP',
  empty: 'an empty body',
  'truncated-json': 'a body with half of the JSON',
  'invalid-json': 'a body with a JSON syntax error',
  'wrong-types': 'fields of the wrong type',
  'wrong-root': 'JSON with another root key',
  oversized: 'a body of 11 MB',
  'foreign-link': 'page links to another host',
  drift: 'the list changes while it is read',
  'errored-action': 'the action ends as errored',
  'failed-import': 'the import fails',
};

/** Routes of faults that do not concern all of them. */
const DEFAULT_ROUTES: Readonly<Record<string, string>> = {
  'errored-action': 'POST /v2/images/:id/actions',
  'failed-import': 'POST /v2/images',
  drift: 'GET /v2/images',
};

const UNIT_LENGTHS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The commands of a session that has a sandbox. */
export function sandboxCommands(
  sandbox: Sandbox,
  { paint, columns }: Screen,
  print: (text: string) => void,
): Command[] {
  const rules: { kind: string; rule: FaultRule }[] = [];
  return [
    {
      name: 'faults',
      usage: '[off|kind [times [route]]]',
      help: 'makes requests fail; alone: lists the kinds of faults',
      run: (argument) => {
        const [kind = '', times = '1', ...route] = argument.split(/\s+/);
        if (kind === 'off') {
          sandbox.heal();
          rules.length = 0;
          print('No more faults.\n');
        } else if (kind !== '') {
          const on = route.length > 0 ? route.join(' ') : (DEFAULT_ROUTES[kind] ?? '* /v2/*');
          const rule = sandbox.fail({ with: checkKind(kind), on, times: Number(times) } as Fault);
          rules.push({ kind, rule });
          print(`The next ${times} of ${on}: ${KINDS[checkKind(kind)]}.\n`);
        } else {
          for (const one of rules)
            print(`${paint('yellow', one.kind)} is on, and has met ${one.rule.met} requests\n`);
          print(`${definitions(Object.entries(KINDS), columns, paint)}\n`);
        }
      },
    },
    {
      name: 'advance',
      usage: '<time>',
      help: 'moves the clock: .advance 10 min',
      run: async (argument) => {
        const ms = milliseconds(argument);
        await sandbox.advance(ms);
        print(`${duration(ms)} have passed.\n`);
      },
    },
  ];
}

function checkKind(kind: string): keyof typeof KINDS {
  if (!Object.hasOwn(KINDS, kind)) throw new TypeError(`There is no fault ${kind}; .faults lists them.`);
  return kind as keyof typeof KINDS;
}

function milliseconds(text: string): number {
  const [, count = '', unit = 's'] = /^(\d+(?:\.\d+)?)\s*(\w*)$/.exec(text) ?? [];
  const factor = UNIT_LENGTHS[unit === '' ? 's' : unit];
  if (count === '' || factor === undefined)
    throw new TypeError('Usage: .advance 90 s, .advance 10 min, .advance 2 h');
  return Number(count) * factor;
}
