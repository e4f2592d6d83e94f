import { afterEach, describe, expect, it } from '@jest/globals';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { DOApi } from '../../lib';
import { fastClock } from '../../tools/support/fast-clock';

const MINUTE = 60_000;

/** A minute takes 1.5 seconds. */
const clock = fastClock(40);

/** A server that allows 250 requests in any minute, exactly. Requests before number `slow` take `delay` to get there. */
function quotaServer({ slow, delay }: { slow: number; delay: number }): {
  server: http.Server;
  statuses: number[];
} {
  const arrivals: number[] = [];
  const statuses: number[] = [];
  let received = 0;
  const arrive = (response: http.ServerResponse): void => {
    const now = clock.now();
    const isAllowed = arrivals.filter((at) => now - at < MINUTE).length < 250;
    if (isAllowed) arrivals.push(now);
    const status = isAllowed ? 204 : 429;
    statuses.push(status);
    response.writeHead(status).end();
  };
  const server = http.createServer((_request, response) => {
    received += 1;
    const wait = received <= slow ? delay : 0;
    clock.after(wait, () => arrive(response));
  });
  return { server, statuses };
}

let server: http.Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe('480 deletes at once against 250 a minute, on real sockets', () => {
  it('meet no 429, also when the first of them arrive more slowly than the others', async () => {
    const quota = quotaServer({ slow: 240, delay: 20_000 });
    server = quota.server;
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const api = new DOApi({
      token: 'dop_v1_a',
      endpoint: `http://127.0.0.1:${port}`,
      clock,
      timeout: Infinity,
      deadline: Infinity,
    });
    await Promise.all(Array.from({ length: 480 }, (_, index) => api.image(index + 1).delete()));
    await api.close();
    expect(quota.statuses).toEqual(Array(480).fill(204));
  }, 20_000);
});
