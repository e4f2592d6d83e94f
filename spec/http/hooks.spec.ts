import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type Hooks, type Logger, Reporter } from '../../lib/http/hooks';

const request = { method: 'GET', url: 'https://api.digitalocean.com/v2/images', attempt: 1 };
const response = { ...request, status: 200, elapsed: 12.5, requestId: 'abc', rateLimit: null };
const retry = { ...request, delay: 512.7, reason: '503 service_unavailable' };

/** Tells everything there is to tell. */
function tellAll(hooks: Hooks, logger?: Logger): void {
  const reporter = new Reporter(hooks, logger);
  reporter.request(request);
  reporter.response(() => response);
  reporter.retry(retry);
}

function recordingLogger(lines: unknown[]): Logger {
  const level =
    (name: string) =>
    (message: string, data?: Record<string, unknown>): void => {
      lines.push([name, message, data]);
    };
  return { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') };
}

/** The warnings of the process while `work` runs, and a moment longer. */
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
  it('are told what happens', () => {
    const told: unknown[] = [];
    tellAll({
      onRequest: (event) => told.push(event),
      onResponse: (event) => told.push(event),
      onRetry: (event) => told.push(event),
    });
    expect(told).toEqual([request, response, retry]);
  });

  it('may be missing', async () => {
    expect(await warnings(() => tellAll({}))).toEqual([]);
  });

  it('cost nobody an answer when they throw', async () => {
    const fail = (): never => {
      throw new Error('my own mistake');
    };
    expect(await warnings(() => tellAll({ onRequest: fail, onResponse: fail, onRetry: fail }))).toEqual([
      'doapi-ts: onRequest threw: my own mistake',
      'doapi-ts: onResponse threw: my own mistake',
      'doapi-ts: onRetry threw: my own mistake',
    ]);
  });

  it('cost nobody the process when they are asynchronous and reject', async () => {
    const hooks = { onRequest: () => Promise.reject(new Error('later')) };
    expect(await warnings(() => tellAll(hooks as Hooks))).toEqual(['doapi-ts: onRequest threw: later']);
  });

  it('may throw something that is no Error', async () => {
    const onRequest = (): never => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- some do
      throw 'text';
    };
    expect(await warnings(() => tellAll({ onRequest }))).toEqual(['doapi-ts: onRequest threw: not an Error']);
  });
});

describe('the logger', () => {
  it('gets attempts and answers as debug, and what is tried again as a warning', () => {
    const lines: unknown[] = [];
    tellAll({}, recordingLogger(lines));
    const line = 'GET https://api.digitalocean.com/v2/images';
    expect(lines).toEqual([
      ['debug', line, request],
      ['debug', `${line}: 200`, response],
      ['warn', `${line}: 503 service_unavailable; again in 513 ms`, retry],
    ]);
  });

  it('costs nobody an answer when it throws', async () => {
    const fail = (): never => {
      throw new Error('the disk is full');
    };
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    expect(new Set(await warnings(() => tellAll({}, logger)))).toEqual(
      new Set(['doapi-ts: logger threw: the disk is full']),
    );
  });

  it('cannot change what a hook sees', () => {
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
