import { describe, expect, it } from '@jest/globals';
import { runSandboxCommand } from '../../lib/sandbox/sandbox-command';
import { Sandbox } from '../../lib/sandbox';

/** Runs the command until `meanwhile` is done. */
async function run(
  argv: string[],
  meanwhile: (url: string, token: string) => Promise<void> = () => Promise.resolve(),
) {
  const stop = new AbortController();
  let out = '';
  let err = '';
  let started = (): void => undefined;
  const ready = new Promise<void>((resolve) => (started = resolve));
  const running = runSandboxCommand(argv, {
    out: (text) => {
      out += text;
      if (out.includes('Ctrl-C')) started();
    },
    err: (text) => (err += text),
    signal: stop.signal,
  });
  await Promise.race([ready, running]);
  const [, url = ''] = /DIGITALOCEAN_API_URL=(\S+)/.exec(out) ?? [];
  const [, token = ''] = /DIGITALOCEAN_TOKEN=(\S+)/.exec(out) ?? [];
  try {
    if (url) await meanwhile(url, token);
  } finally {
    stop.abort();
  }
  return { code: await running, out, err };
}

describe('doapi-ts sandbox', () => {
  it('prints where it listens and what to export, logs a line for each request, and stops cleanly', async () => {
    const { code, out, err } = await run(['--port', '0', '--speed', '60'], async (url, token) => {
      const headers = { authorization: `Bearer ${token}` };
      await fetch(`${url}/v2/images?per_page=1`, { headers });
      const body = JSON.stringify({ type: 'transfer\n', region: 'nyc3' });
      const json = { ...headers, 'content-type': 'application/json' };
      await fetch(`${url}/v2/images/63663001/actions`, { method: 'POST', headers: json, body });
    });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      expect.stringMatching(
        /^A DigitalOcean sandbox listens on http:\/\/127\.0\.0\.1:\d+, where time passes 60 times as fast\.$/,
      ),
      expect.stringMatching(/^ {2}export DIGITALOCEAN_API_URL=http:\/\/127\.0\.0\.1:\d+$/),
      `  export DIGITALOCEAN_TOKEN=${new Sandbox().token}`,
      'Press Ctrl-C to stop it.',
      'GET /v2/images?per_page=1 → 200',
      'POST /v2/images/63663001/actions {"type":"transfer\\n","region":"nyc3"} → 404',
      'The sandbox has stopped.',
      '',
    ]);
  });

  it('says in a line that other machines can use it, if it does not listen on a loopback address', async () => {
    const { code, out } = await run(['--host', '0.0.0.0', '--port', '0'], async (url, token) => {
      const response = await fetch(`${url}/v2/images`, { headers: { authorization: `Bearer ${token}` } });
      expect(response.status).toBe(200);
    });
    expect(code).toBe(0);
    const [, port = ''] = /listens on http:\/\/127\.0\.0\.1:(\d+)\.\n/.exec(out) ?? [];
    expect(out).toContain(
      `\nIt listens on 0.0.0.0: other machines can use it with the token, at http://<name of this machine>:${port} (allowHttp: true).\n`,
    );
  });

  it.each([[[]], [['--host', '127.0.0.2']], [['--host', 'localhost']], [['--host', 'LocalHost']]])(
    'says nothing of other machines with %j',
    async (argv) => {
      const { code, out } = await run([...argv, '--port', '0']);
      expect(code).toBe(0);
      expect(out).not.toContain('other machines');
    },
  );

  it('takes a number of images and a token, and can be quiet', async () => {
    const argv = ['--port', '0', '--images', '3', '--token', 'mine', '--action-time', '5', '--quiet'];
    const { code, out } = await run(argv, async (url, token) => {
      const response = await fetch(`${url}/v2/images`, { headers: { authorization: `Bearer ${token}` } });
      expect(await response.json()).toMatchObject({ meta: { total: 3 } });
    });
    expect(code).toBe(0);
    expect(out).toContain('DIGITALOCEAN_TOKEN=mine');
    expect(out).toMatch(/listens on http:\/\/127\.0\.0\.1:\d+\.\n/);
    expect(out).not.toContain('→');
  });

  it('prints its usage', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('--port <number>');
  });

  it.each([
    [
      ['--nope'],
      2,
      '--nope: unknown option; the options are --host, --port, --speed, --images, --action-time',
    ],
    [['--prot', '0'], 2, '--prot: unknown option; did you mean --port?'],
    [['--action_time=5'], 2, '--action_time: unknown option; did you mean --action-time?'],
    [['--port', 'x'], 2, 'port: expected a whole number from 0 to 65535, got NaN'],
    [['--host', 'http://x'], 2, 'host: expected a host name or an IP address'],
    [['--host', '192.0.2.1'], 1, 'this machine does not have the address'],
    [['--speed', '0'], 2, 'speed: expected a number above 0, at most 1000000, got 0'],
    [
      ['--images', 'all'],
      2,
      'images: expected a whole number from 0 to 1000000 or a list of images, got NaN',
    ],
  ])('refuses %p with exit code %d', async (argv, code, message) => {
    const refused = await run(argv);
    expect(refused.code).toBe(code);
    expect(refused.err).toContain(message);
  });

  it('reports that the port is in use, with exit code 1', async () => {
    const { url, close } = await new Sandbox().listen();
    const refused = await run(['--port', new URL(url).port]);
    await close();
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('the port is in use') });
  });

  it('logs a request that is refused', async () => {
    const { out } = await run(['--port', '0'], async (url) => {
      await fetch(`${url}/v2/account`);
    });
    expect(out).toContain('GET /v2/account → 401');
  });

  it('stops at once on a signal that has aborted before', async () => {
    const out: string[] = [];
    const io = { out: (text: string) => out.push(text), err: () => undefined, signal: AbortSignal.abort() };
    expect(await runSandboxCommand(['--port', '0'], io)).toBe(0);
    expect(out.at(-1)).toBe('The sandbox has stopped.\n');
  });

  it('stops on SIGTERM by default', async () => {
    const running = runSandboxCommand(['--port', '0'], { out: () => undefined, err: () => undefined });
    while (process.listenerCount('SIGTERM') === 0) await new Promise((resolve) => setImmediate(resolve));
    process.emit('SIGTERM');
    expect(await running).toBe(0);
  });
});
