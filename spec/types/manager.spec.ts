import { describe, expect, it } from '@jest/globals';
import {
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
  WaitTimeoutError,
} from '../../lib';
import type { Sandbox } from '../../lib/sandbox';
import { type Gives, type Takes, neverRun, same } from '../support/types';

describe('the methods of the manager', () => {
  it('give what they are named after', () => {
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

  it('give listings of what they list', () => {
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
    same<Takes<DOApi, 'waitActions', 1>, WaitOptions<Action> | undefined>(true);
  });

  it('take an id, a slug or an Image where an image is wanted', () => {
    same<Takes<DOApi, 'fetchImage'>, number | string | Image>(true);
    same<Takes<DOApi, 'fetchAction'>, number | Action>(true);
    neverRun((api) => {
      // @ts-expect-error -- an action has no slug
      void api.fetchAction('36805527');
      // @ts-expect-error -- a name, a URL and a region make an image
      void api.createCustomImage({ name: 'mine' });
      // @ts-expect-error -- an image's own type is not what the filter means
      api.fetchAllImages({ type: 'snapshot' });
    });
  });
});

describe('the properties of the manager', () => {
  it('tell its settings and what the last answer said of the rate limit', () => {
    same<DOApi['endpoint'], string>(true);
    same<DOApi['perPage' | 'waitInterval' | 'waitTime'], number>(true);
    same<DOApi['rateLimit'], RateLimit | null>(true);
    same<RateLimit, { limit: number; remaining: number; resetAt: Date }>(true);
  });

  it('do not tell its token', () => {
    same<Extract<keyof DOApi, 'token' | 'options'>, never>(true);
  });
});

describe('the options of the manager', () => {
  it('are none, a token, or an object', () => {
    same<ConstructorParameters<typeof DOApi>[0], string | DOApiOptions | undefined>(true);
    same<DOApiOptions['token'], string | (() => string | Promise<string>) | undefined>(true);
    same<DOApiOptions['rateLimit'], RateLimitBudget | false | undefined>(true);
    same<RateLimitBudget, { perMinute?: number; perHour?: number }>(true);
    same<DOApiOptions['signal'], AbortSignal | undefined>(true);
    same<DOApiOptions['clock'], Clock | undefined>(true);
    same<DOApiOptions['transport'], TransportOptions | undefined>(true);
    same<
      DOApiOptions['timeout' | 'deadline' | 'waitInterval' | 'waitTime' | 'retries' | 'perPage'],
      number | undefined
    >(true);
  });

  it('are none that nobody knows', () => {
    neverRun(() => {
      // @ts-expect-error -- it is `waitInterval`
      new DOApi({ interval: 5 });
    });
  });
});

describe('errors', () => {
  it('have their facts as fields', () => {
    same<ResponseError['status'], number>(true);
    same<ResponseError['id' | 'requestId'], string | null>(true);
    same<ResponseError['retryAfter'], number | null>(true);
    same<ResponseError['rateLimit'], RateLimit | null>(true);
    same<ActionError['action'], Action>(true);
    same<ImageImportError['image'], Image>(true);
    same<WaitTimeoutError<Action>['inProgress'], readonly Action[]>(true);
    same<UnknownOutcomeError['mayHaveExecuted'], true>(true);
    same<Gives<UnknownOutcomeError<Action | Image>, 'reconcile'>, Promise<Action | Image | null>>(true);
  });

  it('are told apart by class', () => {
    const told = (error: unknown): string | number => {
      if (error instanceof NotFoundError) return error.status;
      if (error instanceof WaitTimeoutError) return error.polls;
      return error instanceof DOApiError ? error.message : 'somebody else’s';
    };
    expect(told(new DOApiError('ours'))).toBe('ours');
    expect(told(null)).toBe('somebody else’s');
  });
});

describe('a sandbox', () => {
  it('gives a manager like any other', () => {
    same<Gives<Sandbox, 'api'>, DOApi>(true);
    same<Takes<Sandbox, 'api'>, DOApiOptions | undefined>(true);
    same<Gives<Sandbox, 'advance'>, Promise<void>>(true);
  });
});
