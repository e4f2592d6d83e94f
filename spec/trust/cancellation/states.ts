import http from 'node:http';
import type { LookupFunction } from 'node:net';
import type { DOApiOptions } from '../../../lib';
import { selfSigned } from '../../../tools/support/certificate';
import { bodyOf, rewritingAll, withBody } from '../../../tools/fault-matrix/answers';
import { DEADLINE, type Place } from '../../../tools/fault-matrix/place';
import type { Operation } from '../../../tools/fault-matrix/operations';
import { onConnect } from '../../../tools/fault-matrix/patches';

/** How a call is ended from outside. */
export const TRIGGERS = ['an AbortSignal', 'the deadline', 'close()'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** Where a call is when it is ended. */
export interface State {
  name: string;
  /** Why a call cannot be there, or cannot be ended there in this way; `undefined` when it can. */
  cannot?: (operation: Operation, trigger: Trigger) => string | undefined;
  /** Whether a POST may have been carried out already. */
  mayHaveExecuted?: boolean;
  /** Something is asked for before, so that what comes now is not the first. */
  isWarm?: boolean;
  /** Ends the last connection as well, which the call was using. */
  destroys?: boolean;
  /** @param reached called when the call is there */
  arrange: (place: Place, reached: () => void) => unknown;
  /** Beyond the usual. */
  options?: (reached: () => void) => DOApiOptions;
}

/** What is read between pages, in place of the operation. */
export const BETWEEN_PAGES = 'between two pages';
export const BETWEEN_POLLS = 'between two looks of a wait';

const VOUCHED = selfSigned();

const hanging =
  (change: (answer: Buffer) => Buffer): State['arrange'] =>
  (place, reached) => {
    place.stalled = reached;
    rewritingAll((answer) => ({ data: change(answer), then: 'hang' }))(place, Infinity);
  };

/** Once what happens by itself has happened. */
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
    name: "in the budget's queue",
    isWarm: true,
    arrange: (_place, reached) => soon(reached),
    options: () => ({ rateLimit: { perMinute: 1 } }),
  },
  {
    name: 'looking up the host',
    arrange: (place, reached) => {
      const lookup: LookupFunction = () => reached();
      place.transport = { ...place.transport, httpAgent: new http.Agent({ lookup }) };
      place.endpoint = place.endpoint.replace('127.0.0.1', 'localhost');
    },
  },
  {
    name: 'connecting',
    arrange: (place, reached) => {
      place.mend = onConnect(place.proxy.port, () => {
        reached();
        return true;
      });
    },
  },
  {
    name: 'agreeing on TLS',
    destroys: true,
    arrange: async (place, reached) => {
      await place.secure(VOUCHED);
      place.stalled = reached;
      place.proxy.add({ type: 'timeout', stream: 'upstream', attributes: { timeout: 0 } });
    },
  },
  {
    name: 'waiting for an answer',
    mayHaveExecuted: true,
    cannot: isSearchedFor,
    destroys: true,
    arrange: (place, reached) => {
      place.stalled = reached;
      place.proxy.add({ type: 'timeout', attributes: { timeout: 0 } });
    },
  },
  {
    name: 'inside the headers',
    mayHaveExecuted: true,
    cannot: isSearchedFor,
    destroys: true,
    arrange: hanging((answer) => answer.subarray(0, 30)),
  },
  {
    name: 'inside the body',
    mayHaveExecuted: true,
    cannot: isSearchedFor,
    destroys: true,
    arrange: hanging((answer) => {
      const body = bodyOf(answer);
      const whole = withBody(answer, body.length > 0 ? body : '{    }');
      return whole.subarray(0, whole.length - 3);
    }),
  },
  {
    name: 'pausing before another try',
    cannot: ({ column }, trigger) =>
      trigger === 'the deadline' && column !== 'wait'
        ? 'a pause that would outlast the deadline is not begun'
        : undefined,
    arrange: ({ sandbox }) => void sandbox.fail({ with: 'burst-limit', retryAfterSeconds: 15 }),
    options: (reached) => ({ onRetry: () => soon(reached) }),
  },
  {
    name: BETWEEN_POLLS,
    cannot: ({ column }) => (column === 'wait' ? undefined : 'only a wait looks twice'),
    arrange: () => undefined,
  },
  {
    name: BETWEEN_PAGES,
    cannot: ({ name }, trigger) => {
      if (name !== 'list all') return 'only a listing has pages to be between';
      return trigger === 'the deadline'
        ? 'a deadline is that of a call, and between pages there is none'
        : undefined;
    },
    arrange: () => undefined,
  },
];

/** Shorter than the pauses of the budget, longer than those between tries. */
export const PATIENCE = DEADLINE / 6;
