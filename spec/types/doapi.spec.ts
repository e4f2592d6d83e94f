import { describe, expect, it } from '@jest/globals';
import {
  type AbortSignalLike,
  type Action,
  type ActionError,
  type Clock,
  DOApi,
  DOApiError,
  type DOApiOptions,
  type Image,
  type ImageImportError,
  type Listing,
  NotFoundError,
  type PaginateOptions,
  type RateLimit,
  type RateLimitBudget,
  type Region,
  type ResponseError,
  type TransportOptions,
  type UnknownOutcomeError,
  type WaitOptions,
  type WaitActionsError,
  WaitTimeoutError,
} from '../../lib';
import type { Sandbox } from '../../lib/sandbox';
import { type Gives, type Takes, neverRun, same } from '../support/types';

describe('the methods of DOApi', () => {
  it('return the resource of their name', () => {
    same<Gives<DOApi, 'image'>, Image>(true);
    same<Gives<DOApi, 'action'>, Action>(true);
    same<Gives<DOApi, 'fetchImage'>, Promise<Image>>(true);
    same<Gives<DOApi, 'fetchImageBySlug'>, Promise<Image>>(true);
    same<Gives<DOApi, 'createCustomImage'>, Promise<Image>>(true);
    same<Gives<DOApi, 'fetchAction'>, Promise<Action>>(true);
    same<Gives<DOApi, 'fetchLastAction'>, Promise<Action | null>>(true);
    same<Gives<DOApi, 'request'>, Promise<unknown>>(true);
    same<Gives<DOApi, 'close'>, Promise<void>>(true);
    same<Gives<DOApi, typeof Symbol.asyncDispose>, Promise<void>>(true);
  });

  it('return listings of the resource of their name', () => {
    same<Gives<DOApi, 'fetchAllImages'>, Listing<Image>>(true);
    same<Gives<DOApi, 'fetchAllDistributionImages'>, Listing<Image>>(true);
    same<Gives<DOApi, 'fetchAllApplicationImages'>, Listing<Image>>(true);
    same<Gives<DOApi, 'fetchAllPrivateImages'>, Listing<Image>>(true);
    same<Gives<DOApi, 'fetchAllActions'>, Listing<Action>>(true);
    same<Gives<DOApi, 'fetchAllRegions'>, Listing<Region>>(true);
    same<Gives<DOApi, 'paginate'>, Listing<unknown>>(true);
    same<Takes<DOApi, 'paginate', 2>, PaginateOptions | undefined>(true);
  });

  it('yield actions as they end', () => {
    same<Gives<DOApi, 'waitActions'>, AsyncGenerator<Action, void, undefined>>(true);
    same<Takes<DOApi, 'waitActions', 1>, Omit<WaitOptions<Action>, 'throwOnError'> | undefined>(true);
  });

  it('accept an id, a slug or an Image', () => {
    same<Takes<DOApi, 'fetchImage'>, number | string | Image>(true);
    same<Takes<DOApi, 'fetchAction'>, number | Action>(true);
    neverRun((api) => {
      // @ts-expect-error -- an action has no slug
      void api.fetchAction('36805527');
      // @ts-expect-error -- url and region are required
      void api.createCustomImage({ name: 'mine' });
      // @ts-expect-error -- the filter has types of its own
      api.fetchAllImages({ type: 'snapshot' });
    });
  });
});

describe('the properties of DOApi', () => {
  it('are its settings and the latest rate limit', () => {
    same<DOApi['endpoint'], string>(true);
    same<DOApi['perPage' | 'waitInterval' | 'waitTime'], number>(true);
    same<DOApi['rateLimit'], RateLimit | null>(true);
    same<RateLimit, { limit: number; remaining: number; resetAt: Date }>(true);
  });

  it('do not include the token', () => {
    same<Extract<keyof DOApi, 'token' | 'options'>, never>(true);
  });
});

describe('the options of DOApi', () => {
  it('are none, a token, or an object', () => {
    same<ConstructorParameters<typeof DOApi>[0], string | DOApiOptions | undefined>(true);
    same<DOApiOptions['token'], string | (() => string | Promise<string>) | undefined>(true);
    same<DOApiOptions['rateLimit'], RateLimitBudget | false | undefined>(true);
    same<RateLimitBudget, { perMinute?: number; perHour?: number }>(true);
    same<DOApiOptions['signal'], AbortSignalLike | undefined>(true);
    same<DOApiOptions['clock'], Clock | undefined>(true);
    same<DOApiOptions['transport'], TransportOptions | undefined>(true);
    same<
      DOApiOptions[
        'timeout' | 'deadline' | 'queueTimeout' | 'waitInterval' | 'waitTime' | 'retries' | 'perPage'],
      number | undefined
    >(true);
  });

  it('do not include unknown ones', () => {
    neverRun(() => {
      // @ts-expect-error -- it is `waitInterval`
      new DOApi({ interval: 5 });
    });
  });
});

describe('errors', () => {
  it('have typed fields', () => {
    same<ResponseError['status'], number>(true);
    same<ResponseError['id' | 'requestId'], string | null>(true);
    same<ResponseError['retryAfter'], number | null>(true);
    same<ResponseError['rateLimit'], RateLimit | null>(true);
    same<ActionError['action'], Action>(true);
    same<ImageImportError['image'], Image>(true);
    same<WaitTimeoutError<Action>['inProgress'], readonly Action[]>(true);
    same<WaitTimeoutError['failures'], readonly { id: number; error: unknown }[]>(true);
    same<WaitActionsError['failures'], readonly { id: number; error: unknown }[]>(true);
    same<UnknownOutcomeError['mayHaveExecuted'], boolean>(true);
    same<UnknownOutcomeError['canReconcile'], boolean>(true);
    same<Gives<UnknownOutcomeError<Action | Image>, 'reconcile'>, Promise<Action | Image | null>>(true);
  });

  it('are distinguished by class', () => {
    const summaryOf = (error: unknown): string | number => {
      if (error instanceof NotFoundError) return error.status;
      if (error instanceof WaitTimeoutError) return error.polls;
      return error instanceof DOApiError ? error.message : 'another error';
    };
    expect(summaryOf(new DOApiError('ours'))).toBe('ours');
    expect(summaryOf(null)).toBe('another error');
  });
});

describe('a sandbox', () => {
  it('returns a DOApi', () => {
    same<Gives<Sandbox, 'api'>, DOApi>(true);
    same<Takes<Sandbox, 'api'>, DOApiOptions | undefined>(true);
    same<Gives<Sandbox, 'advance'>, Promise<void>>(true);
  });
});
