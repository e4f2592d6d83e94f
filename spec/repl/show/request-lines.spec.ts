import { describe, expect, it } from '@jest/globals';
import { RequestLines } from '../../../lib/repl/show/request-lines';
import { painter, type Screen } from '../../../lib/repl/show/style';

const screen: Screen = { colours: false, paint: painter(false), columns: 60, rows: 24 };
const url = 'https://api.digitalocean.com/v2/images?page=1';
const get = { method: 'GET', url, attempt: 1 };
const response = { ...get, status: 200, elapsed: 35.4, requestId: null, rateLimit: null };

function lines(isOn = true): { requests: RequestLines; printed: string[]; clock: { time: number } } {
  const printed: string[] = [];
  const clock = { time: 0 };
  const requests = new RequestLines(
    screen,
    (text) => printed.push(text),
    () => clock.time,
  );
  requests.isOn = isOn;
  return { requests, printed, clock };
}

describe('the lines of requests', () => {
  it('have method, path, status and time', () => {
    const { requests, printed } = lines();
    requests.events.onRequest(get);
    requests.events.onResponse(response);
    expect(printed).toEqual(['GET /v2/images?page=1  200  35 ms\n']);
  });

  it('say why an attempt failed, and which one is a retry', () => {
    const { requests, printed, clock } = lines();
    requests.events.onRequest(get);
    clock.time = 12;
    requests.events.onRetry({ ...get, delay: 300, reason: 'read ECONNRESET' });
    requests.events.onRequest({ ...get, attempt: 2 });
    requests.events.onResponse({ ...response, attempt: 2, status: 503, elapsed: 2_000 });
    // It has a line by now.
    requests.events.onRetry({ ...get, attempt: 2, delay: 300, reason: '503' });
    requests.events.onRequest({ ...get, attempt: 3 });
    clock.time = 20;
    requests.failed(get, new TypeError('x'));
    requests.failed(get, new TypeError('again'));
    expect(printed).toEqual([
      'GET /v2/images?page=1  read ECONNRESET  12 ms\n',
      'GET /v2/images?page=1  503  2 s  retry 1\n',
      'GET /v2/images?page=1  TypeError  8 ms\n',
    ]);
  });

  it('fit the screen, and are printable', () => {
    const { requests, printed } = lines();
    const long = { ...get, url: `https://api.digitalocean.com/v2/tags/${'a'.repeat(90)}` };
    requests.events.onRequest(long);
    requests.events.onResponse({ ...response, ...long });
    expect(printed[0]?.trimEnd()).toHaveLength(60);
    expect(printed[0]).toMatch(/^GET \/v2\/tags\/a+… {2}200 {2}35 ms\n$/);
    requests.events.onRequest(get);
    requests.events.onRetry({ ...get, delay: 1, reason: 'a\u001b[2Kb' });
    expect(printed[1]).not.toContain('\u001b');
  });

  it('are not printed before they are switched on', () => {
    const { requests, printed } = lines(false);
    requests.events.onRequest(get);
    requests.events.onResponse(response);
    expect(printed).toEqual([]);
  });
});
