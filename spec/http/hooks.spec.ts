import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type Hooks, type Logger, Reporter } from '../../lib/http/hooks';

const request = { method: 'GET', url: 'https://api.digitalocean.com/v2/images', attempt: 1 };
const response = { ...request, status: 200, elapsed: 12.5, requestId: 'abc', rateLimit: null };
const queue = { method: 'DELETE', url: 'https://api.digitalocean.com/v2/images/5', delay: 50_001 };
const pause = { method: 'GET', url: 'https://api.digitalocean.com/v2/images', delay: 59_001 };
const retry = { ...request, delay: 512.7, reason: '503 service_unavailable' };

/** Reports one event of each kind. */
function reportAll(hooks: Hooks, logger?: Logger): void {
  const reporter = new Reporter(hooks, logger);
  reporter.request(request);
  reporter.response(response);
  reporter.retry(retry);
  reporter.queue(queue);
  reporter.pause(pause);
}

function recordingLogger(lines: unknown[]): Logger {
  const level =
    (name: string) =>
    (message: string, data?: Record<string, unknown>): void => {
      lines.push([name, message, data]);
    };
  return { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
}

/** The process warnings that `work` causes, now or asynchronously. */
async function warnings(work: () => void): Promise<string[]> {
  const warned: string[] = [];
  jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warned.push(String(warning)));
  work();
  await new Promise((resolve) => setImmediate(resolve));
  return warned;
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the hooks', () => {
  it('receive all events', () => {
    const events: unknown[] = [];
    reportAll({
      onRequest: (event) => events.push(event),
      onResponse: (event) => events.push(event),
      onRetry: (event) => events.push(event),
      onQueue: (event) => events.push(event),
    });
    expect(events).toEqual([request, response, retry, queue]);
  });

  it('are optional', async () => {
    expect(await warnings(() => reportAll({}))).toEqual([]);
  });

  it('do not throw into the call: their errors become warnings', async () => {
    const fail = (): never => {
      throw new Error('my own mistake');
    };
    expect(
      await warnings(() => reportAll({ onRequest: fail, onResponse: fail, onRetry: fail, onQueue: fail })),
    ).toEqual([
      'doapi-ts: onRequest threw: my own mistake',
      'doapi-ts: onResponse threw: my own mistake',
      'doapi-ts: onRetry threw: my own mistake',
      'doapi-ts: onQueue threw: my own mistake',
    ]);
  });

  it('may be asynchronous: their rejections become warnings', async () => {
    const hooks = { onRequest: () => Promise.reject(new Error('later')) };
    expect(await warnings(() => reportAll(hooks as Hooks))).toEqual(['doapi-ts: onRequest threw: later']);
  });

  it('may return promises of another realm', async () => {
    const reject = (): unknown => runInNewContext('Promise.reject(new Error("elsewhere"))');
    expect(await warnings(() => reportAll({ onRequest: reject }))).toEqual([
      'doapi-ts: onRequest threw: not an Error',
    ]);
  });

  it('may throw something that is not an Error', async () => {
    const onRequest = (): never => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- some do
      throw 'text';
    };
    expect(await warnings(() => reportAll({ onRequest }))).toEqual([
      'doapi-ts: onRequest threw: not an Error',
    ]);
  });
});

describe('the logger', () => {
  it('receives attempts and responses as debug lines, retries and pauses after a 429 as warnings, and waits for the rate limit as information', () => {
    const lines: unknown[] = [];
    reportAll({}, recordingLogger(lines));
    const line = 'GET https://api.digitalocean.com/v2/images';
    expect(lines).toEqual([
      ['debug', line, request],
      ['debug', `${line}: 200`, response],
      ['warn', `${line}: 503 service_unavailable; retrying in 513 ms`, retry],
      [
        'info',
        'DELETE https://api.digitalocean.com/v2/images/5: waits for the rate limit, about 51 s',
        queue,
      ],
      ['warn', `${line}: 429; all requests with this token pause for 60 s`, pause],
    ]);
  });

  it('may be asynchronous: the rejections of every level become warnings', async () => {
    const fail = (): Promise<never> => Promise.reject(new Error('the disk is full'));
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    expect(await warnings(() => reportAll({}, logger))).toEqual(
      Array.from({ length: 5 }, () => 'doapi-ts: logger threw: the disk is full'),
    );
  });

  it('does not throw into the call: its errors become warnings', async () => {
    const fail = (): never => {
      throw new Error('the disk is full');
    };
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    expect(new Set(await warnings(() => reportAll({}, logger)))).toEqual(
      new Set(['doapi-ts: logger threw: the disk is full']),
    );
  });

  it('is warned that a store is away; without a logger, the process is', async () => {
    const lines: unknown[] = [];
    const error = new Error('Redis did not answer');
    const message =
      'the shared store grants no permits, and this process goes on with 10 % of the rate limit: Redis did not answer';
    expect(await warnings(() => new Reporter({}, recordingLogger(lines)).storeAway(error, 0.1))).toEqual([]);
    expect(lines).toEqual([['warn', message, { reason: 'Redis did not answer' }]]);
    expect(await warnings(() => new Reporter({}, undefined).storeAway(error, 0.1))).toEqual([message]);
  });

  it('cannot change the events of the hooks', () => {
    const events: unknown[] = [];
    const logger = recordingLogger([]);
    logger.debug = (_message, data) => Object.assign(data ?? {}, { url: 'changed' });
    const reporter = new Reporter({ onRequest: (event) => events.push(event) }, logger);
    const event = { ...request };
    reporter.request(event);
    expect(event).toEqual(request);
    expect(events).toEqual([request]);
  });
});
