import http from 'node:http';
import type { LookupFunction } from 'node:net';
import type { DOApiOptions } from '../../../lib';
import { selfSigned } from '../../../tools/support/certificate';
import { bodyOf, rewritingAll, withBody } from '../../../tools/fault-matrix/responses';
import { DEADLINE, type TestBed } from '../../../tools/fault-matrix/test-bed';
import type { Operation } from '../../../tools/fault-matrix/operations';
import { onConnect } from '../../../tools/fault-matrix/patches';

/** How a call is cancelled. */
export const TRIGGERS = ['an AbortSignal', 'the deadline', 'close()'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** Where a call is when it is cancelled. */
export interface State {
  name: string;
  /** Why a call cannot be in this state, or cannot be cancelled there by this trigger; `undefined` when it can. */
  cannot?: (operation: Operation, trigger: Trigger) => string | undefined;
  /** Whether a POST may have been carried out already. */
  mayHaveExecuted?: boolean;
  /** The manager sends a request before. */
  isWarm?: boolean;
  /** The connection of the call is closed as well. */
  destroys?: boolean;
  /** @param reached called when the call is in the state */
  arrange: (bed: TestBed, reached: () => void) => unknown;
  /** Further options of the manager. */
  options?: (reached: () => void) => DOApiOptions;
}

export const BETWEEN_PAGES = 'between two pages';
export const BETWEEN_POLLS = 'between two polls of a wait';

const CERTIFICATE = selfSigned();

const hanging =
  (change: (response: Buffer) => Buffer): State['arrange'] =>
  (bed, reached) => {
    bed.stalled = reached;
    rewritingAll((response) => ({ data: change(response), then: 'hang' }))(bed, Infinity);
  };

/** After the pending steps of the event loop. */
const soon = (reached: () => void): void => {
  setTimeout(reached, 2);
};

const isSearchedFor: State['cannot'] = ({ isSearching }, trigger) =>
  isSearching && trigger === 'the deadline'
    ? 'a lost POST is searched for, by calls that have deadlines of their own'
    : undefined;

export const STATES: readonly State[] = [
  {
    name: 'before anything is sent',
    arrange: () => undefined,
    options: (reached) => ({
      token: () => {
        reached();
        return new Promise(() => undefined);
      },
    }),
  },
  {
    name: "in the rate limiter's queue",
    isWarm: true,
    arrange: (_place, reached) => soon(reached),
    options: () => ({ rateLimit: { perMinute: 1 } }),
  },
  {
    name: 'looking up the host',
    arrange: (bed, reached) => {
      const lookup: LookupFunction = () => reached();
      bed.transport = { ...bed.transport, httpAgent: new http.Agent({ lookup }) };
      bed.endpoint = bed.endpoint.replace('127.0.0.1', 'localhost');
    },
  },
  {
    name: 'connecting',
    arrange: (bed, reached) => {
      bed.repair = onConnect(bed.proxy.port, () => {
        reached();
        return true;
      });
    },
  },
  {
    name: 'in the TLS handshake',
    destroys: true,
    arrange: async (bed, reached) => {
      await bed.secure(CERTIFICATE);
      bed.stalled = reached;
      bed.proxy.add({ type: 'timeout', stream: 'upstream', attributes: { timeout: 0 } });
    },
  },
  {
    name: 'waiting for a response',
    mayHaveExecuted: true,
    cannot: isSearchedFor,
    destroys: true,
    arrange: (bed, reached) => {
      bed.stalled = reached;
      bed.proxy.add({ type: 'timeout', attributes: { timeout: 0 } });
    },
  },
  {
    name: 'inside the headers',
    mayHaveExecuted: true,
    cannot: isSearchedFor,
    destroys: true,
    arrange: hanging((response) => response.subarray(0, 30)),
  },
  {
    name: 'inside the body',
    mayHaveExecuted: true,
    cannot: isSearchedFor,
    destroys: true,
    arrange: hanging((response) => {
      const body = bodyOf(response);
      const whole = withBody(response, body.length > 0 ? body : '{    }');
      return whole.subarray(0, whole.length - 3);
    }),
  },
  {
    name: 'in the delay before a retry',
    cannot: ({ column }, trigger) =>
      trigger === 'the deadline' && column !== 'wait' && column !== 'job'
        ? 'a delay that would outlast the deadline does not start'
        : undefined,
    arrange: ({ sandbox }) => void sandbox.fail({ with: 'burst-limit', retryAfterSeconds: 15 }),
    options: (reached) => ({ onRetry: () => soon(reached) }),
  },
  {
    name: BETWEEN_POLLS,
    cannot: ({ column }) => (column === 'wait' ? undefined : 'only a wait polls twice'),
    arrange: () => undefined,
  },
  {
    name: BETWEEN_PAGES,
    cannot: ({ name }, trigger) => {
      if (name !== 'list all') return 'only a listing has several pages';
      return trigger === 'the deadline'
        ? 'a deadline belongs to a call, and between pages there is none'
        : undefined;
    },
    arrange: () => undefined,
  },
];

/** The deadline and the wait timeout: shorter than the delays of the rate limiter, longer than those of retries. */
export const LIMIT = DEADLINE / 6;
