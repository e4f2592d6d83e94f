import { CANARY, EARLIER_CANARY } from '../support/canary';
import { ALWAYS, type Fault, row, type Variant } from './fault';
import type { TestBed } from './test-bed';

const never = { reaches: false, executes: false };
const refused = { error: 'AuthenticationError', reaches: true, executes: false } as const;

/** A token function that cannot give a token: nothing is sent. Its calls count as attempts. */
function failing(fail: (bed: TestBed) => Promise<string> | string): Variant['arrange'] {
  return (bed, times) => {
    let met = 0;
    bed.repair = () => (met = Infinity);
    bed.token = () => {
      if (met++ >= times) return CANARY;
      bed.tries += 1;
      bed.posts += 1;
      return fail(bed);
    };
  };
}

const vaultError = (): Error =>
  Object.assign(new Error(`the vault is sealed: ${CANARY}`), { response: { token: CANARY } });

/** Returns these tokens in turn, the last one again and again. */
const returning =
  (...tokens: readonly string[]): Variant['arrange'] =>
  (bed) => {
    let calls = 0;
    bed.token = () => tokens[Math.min(calls++, tokens.length - 1)] ?? '';
  };

/** What can go wrong with the token of a function. */
export const TOKEN_FAULTS: readonly Fault[] = [
  {
    code: 'F69',
    name: 'the token function fails',
    variants: [
      {
        name: 'rejects',
        ...never,
        error: 'ConnectionError',
        expectations: ALWAYS,
        arrange: failing(() => Promise.reject(vaultError())),
      },
      {
        name: 'throws',
        ...never,
        error: 'ConnectionError',
        expectations: ALWAYS,
        arrange: failing(() => {
          throw vaultError();
        }),
      },
    ],
  },
  {
    code: 'F70',
    name: 'the token function hangs',
    variants: [
      {
        ...never,
        error: 'TimeoutError',
        expectations: ALWAYS,
        arrange: failing((bed) => {
          bed.stalled();
          return new Promise(() => undefined);
        }),
      },
    ],
  },
  {
    code: 'F71',
    name: '401, then another token',
    variants: [
      {
        ...refused,
        expectations: row('hidden', 'hidden', 'hidden', 'hidden', 'hidden'),
        arrange: returning(EARLIER_CANARY, CANARY),
      },
    ],
  },
  {
    code: 'F72',
    name: '401 for every token',
    variants: [
      {
        ...refused,
        expectations: row('twice', 'twice', 'twice', 'twice', 'twice'),
        arrange: (bed, times) => {
          const message = `No: ${EARLIER_CANARY}, ${CANARY}`;
          bed.sandbox.fail({ with: 'status', status: 401, id: 'unauthorized', message });
          return returning(EARLIER_CANARY, CANARY)(bed, times);
        },
      },
    ],
  },
];
