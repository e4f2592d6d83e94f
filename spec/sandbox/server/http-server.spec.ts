import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import { DOApi } from '../../../lib';
import { Sandbox, type Listening } from '../../../lib/sandbox';
import { type Body, rejection, withOneImage } from '../support';

const open: Listening[] = [];
/** Some containers have none. */
const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

async function listening(sandbox: Sandbox, options?: Parameters<Sandbox['listen']>[0]): Promise<Listening> {
  const opened = await sandbox.listen(options);
  open.push(opened);
  return opened;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

describe('A sandbox that listens', () => {
  it('listens on 127.0.0.1 only, on a free port, with a token of its own', async () => {
    const { url, token } = await listening(new Sandbox());
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(token).toMatch(/^dop_v1_[0-9a-f]{64}$/);
    expect(token).toBe(new Sandbox().token);
  });

  it.each([
    ['0.0.0.0', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['127.0.0.2', /^http:\/\/127\.0\.0\.2:\d+$/],
    ['localhost', /^http:\/\/localhost:\d+$/],
    ['0', /^http:\/\/127\.0\.0\.1:\d+$/],
    ...(hasIPv6
      ? ([
          ['::', /^http:\/\/\[::1\]:\d+$/],
          ['::1', /^http:\/\/\[::1\]:\d+$/],
        ] as const)
      : []),
  ])('listens on %s, with a URL that a client on this machine can use', async (host, pattern) => {
    const { url, token } = await listening(withOneImage(), { host });
    expect(url).toMatch(pattern);
    const api = new DOApi({ endpoint: url, token, transport: { proxy: false } });
    expect((await api.fetchImage(5)).name).toBe('golden');
    await api.close();
  });

  it('listens on all addresses only if it is told to', async () => {
    const { url, token } = await listening(new Sandbox(), { host: '0.0.0.0' });
    const own = await listening(new Sandbox());
    const headers = { authorization: `Bearer ${token}` };
    const elsewhere = (of: string): string => of.replace('127.0.0.1', '127.0.0.3');
    expect((await fetch(`${elsewhere(url)}/v2/account`, { headers })).status).toBe(200);
    await rejection(fetch(`${elsewhere(own.url)}/v2/account`, { headers }));
  });

  it('links to the host by which the client knows it', async () => {
    const { url, token } = await listening(new Sandbox(), { host: '0.0.0.0' });
    const { port } = new URL(url);
    const endpoint = `http://127.0.0.4:${port}`;
    const api = new DOApi({ endpoint, token, perPage: 7, transport: { proxy: false } });
    expect(await api.fetchAllImages().toArray()).toHaveLength(60);
    const headers = { authorization: `Bearer ${token}` };
    const { links } = (await (await fetch(`${endpoint}/v2/images`, { headers })).json()) as Body;
    expect(links.pages?.next).toBe(`${endpoint}/v2/images?page=2`);
    await api.close();
  });

  it('responds as in process, with links to itself', async () => {
    const sandbox = new Sandbox({ clock: 'virtual' });
    const { url, token } = await listening(sandbox);
    const response = await fetch(`${url}/v2/images?per_page=1`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'ratelimit-limit': '5000',
      date: 'Thu, 01 Jan 2026 00:00:00 GMT',
      'access-control-allow-origin': '*',
    });
    expect(await response.json()).toMatchObject({
      images: [{ id: sandbox.images[0]?.id }],
      links: { pages: { next: `${url}/v2/images?per_page=1&page=2` } },
    });
  });

  it('accepts its own token only', async () => {
    const { url } = await listening(new Sandbox());
    expect((await fetch(`${url}/v2/account`)).status).toBe(401);
    expect((await fetch(`${url}/v2/account`, { headers: { authorization: 'Bearer other' } })).status).toBe(
      401,
    );
  });

  it('lets time run by itself from then on, at the given speed', async () => {
    const sandbox = withOneImage({ actionTime: 60_000 });
    const { url, token } = await listening(sandbox, { speed: 5_000 });
    const api = new DOApi({ endpoint: url, token, waitInterval: 5 });
    const action = await api.image(5).transfer('nyc3', { wait: true });
    expect(action.completed).toBe(true);
    expect(action.completedAt?.getTime()).toBeGreaterThan(Date.UTC(2026, 1, 1));
    expect((await api.fetchImage(5)).regions).toEqual(['nyc1', 'nyc3']);
    await expect(sandbox.advance(1)).rejects.toThrow('runs by itself');
    await api.close();
  });

  it('keeps a clock that was chosen, and its clock when it listens again', async () => {
    const chosen = withOneImage({ clock: 'virtual' });
    await listening(chosen);
    await chosen.advance(5);
    expect(chosen.clock.now()).toBe(5);
    const running = withOneImage();
    await listening(running, { speed: 10 });
    const before = running.clock.now();
    await listening(running, { speed: 1_000_000 });
    expect(running.clock.now() - before).toBeLessThan(1_000_000);
  });

  it('rejects with a clear message for a port in use, an address it does not have, an invalid host, port and speed', async () => {
    const { url } = await listening(new Sandbox());
    const port = Number(new URL(url).port);
    expect((await rejection(new Sandbox().listen({ port }))).message).toBe(
      `The sandbox cannot listen on 127.0.0.1:${port}: the port is in use.`,
    );
    for (const host of ['', 'two words', 'http://localhost', '127.0.0.1:80', '-']) {
      await expect(new Sandbox().listen({ host })).rejects.toThrow(
        'host: expected a host name or an IP address such as "127.0.0.1" or "0.0.0.0", got ',
      );
    }
    expect((await rejection(new Sandbox().listen({ host: '192.0.2.1', port: 80 }))).message).toBe(
      'The sandbox cannot listen on 192.0.2.1:80: this machine does not have the address.',
    );
    expect((await rejection(new Sandbox().listen({ host: '2001:db8::1', port: 8080 }))).message).toMatch(
      /^The sandbox cannot listen on \[2001:db8::1\]:8080: ./,
    );
    await expect(new Sandbox().listen({ port: 70_000 })).rejects.toThrow(
      'port: expected a whole number from 0 to 65535, got 70000',
    );
    await expect(new Sandbox().listen({ speed: -1 })).rejects.toThrow(
      'speed: expected a number above 0, at most 1000000, got -1',
    );
  });

  it('responds to preflight requests of browsers and to HEAD', async () => {
    const { url, token } = await listening(new Sandbox());
    const preflight = await fetch(`${url}/v2/images`, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    const head = await fetch(`${url}/v2/images`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
  });

  it('closes the connection if a body is too large', async () => {
    const sandbox = new Sandbox();
    const { url, token } = await listening(sandbox);
    const headers = { authorization: `Bearer ${token}` };
    const body = 'x'.repeat(2 ** 20 + 1);
    await rejection(fetch(`${url}/v2/images`, { method: 'POST', headers, body }));
    expect(sandbox.requests).toEqual([]);
  });

  it('responds to targets that are not paths', async () => {
    const sandbox = new Sandbox();
    const { url, token } = await listening(sandbox);
    const { hostname, port } = new URL(url);
    for (const path of ['//', '*', 'http://x/v2/account', '/v2/images?%', '/v2/images/%E0%A4%A', '/%00']) {
      const status = await new Promise<number>((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}` };
        request({ hostname, port, path, headers }, (response) => resolve(response.resume().statusCode ?? 0))
          .on('error', reject)
          .end();
      });
      expect([path, status]).toEqual([path, path === '/v2/images?%' ? 200 : 404]);
    }
    expect(sandbox.requests).toHaveLength(6);
  });

  it('reports an exception in a function of the options to the caller, and continues', async () => {
    const sandbox = withOneImage();
    const { url, token } = await listening(sandbox);
    const thrown: unknown[] = [new Error('oops'), 'text'];
    sandbox.fail({
      with: 'altered',
      times: 2,
      alter: () => {
        throw thrown.shift();
      },
    });
    const headers = { authorization: `Bearer ${token}` };
    const messages = [];
    for (let sent = 0; sent < 2; sent++) {
      const response = await fetch(`${url}/v2/account`, { headers });
      expect(response.status).toBe(500);
      messages.push(((await response.json()) as Error).message);
    }
    expect(messages).toEqual(['The sandbox failed: oops', 'The sandbox failed: text']);
    expect((await fetch(`${url}/v2/account`, { headers })).status).toBe(200);
  });

  it('closes every connection with close(), which can be called twice', async () => {
    const sandbox = new Sandbox();
    const { url, token, close } = await listening(sandbox);
    sandbox.fail({ with: 'stall-before-execution' });
    const stalled = rejection(fetch(`${url}/v2/account`, { headers: { authorization: `Bearer ${token}` } }));
    while (sandbox.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await close();
    await stalled;
    await close();
    await rejection(fetch(`${url}/v2/account`));
  });

  it('can be disposed of with await using', async () => {
    const opened = await new Sandbox().listen();
    await opened[Symbol.asyncDispose]();
    await rejection(fetch(opened.url));
  });

  it('stops a drip or delay when the caller disconnects', async () => {
    const sandbox = withOneImage({ clock: 'manual' });
    const { url, token } = await listening(sandbox);
    sandbox.fail({ with: 'drip', every: 1_000, times: 1 });
    sandbox.fail({ with: 'delay', ms: 1_000, times: 1 });
    for (let sent = 0; sent < 2; sent++) {
      const stop = new AbortController();
      const headers = { authorization: `Bearer ${token}` };
      const aborted = rejection(
        fetch(`${url}/v2/account`, { headers, signal: stop.signal }).then((one) => one.text()),
      );
      while (sandbox.requests.length === sent) await new Promise((resolve) => setImmediate(resolve));
      stop.abort();
      await aborted;
    }
    while ((await sandbox.advanceToNextEvent()) > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(sandbox.clock.now()).toBeLessThan(5_000);
  });
});
