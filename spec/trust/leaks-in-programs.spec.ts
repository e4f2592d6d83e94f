import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { runSandboxCommand } from '../../lib/sandbox/sandbox-command';
import { runProgram } from '../support/program';
import { CANARY, TraceSearch } from '../../tools/support/canary';
import { DISGUISES } from './leaks/disguises';
import { ECHOES } from './leaks/echoes';

const SECRET = 'q7Zp2Kx9Lm4Vt8Rw3Ny6Hc5';
const TIMEOUT = 120_000;
const search = new TraceSearch(CANARY, SECRET);

const said = [
  ...Object.values(DISGUISES).map((disguise) => disguise(CANARY)),
  `https://bucket.example/disk.gz?X-Amz-Signature=${SECRET}`,
  `https://user:${SECRET}@bucket.example/disk.gz`,
  `https:\\/\\/user:${SECRET}@bucket.example\\/disk.gz`,
];

/** Each text in a third of the places: a session sends at most 240 requests in a minute. */
const RESPONSES = Object.values(ECHOES).flatMap((echo, place) =>
  said.filter((_text, at) => (place + at) % 3 === 0).map((text) => echo(text)),
);

describe('a session with a token', () => {
  const server = http.createServer((request, response) => {
    const at = Number(/\/images\/(\d+)/.exec(request.url ?? '')?.[1] ?? 0);
    const { status, headers, body } = RESPONSES[at - 1] ?? { status: 404, headers: {}, body: '{}' };
    for (const [name, value] of Object.entries(headers)) if (value) response.setHeader(name, value);
    response.writeHead(status).end(body);
  });

  beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
  afterAll(() => void server.close());

  it(
    'prints no secret that a server returns, in results and errors',
    async () => {
      const { port } = server.address() as AddressInfo;
      const count = RESPONSES.length;
      const lines = [
        `const ids = Array.from({ length: ${count} }, (_, at) => at + 1)`,
        'const options = { retries: 0 }',
        'const errors = []',
        'for (const id of ids) await api.image(id).fetch(options).catch((error) => errors.push(error))',
        'for (const error of errors) console.error(error)',
        'errors',
        'errors.map(String)',
        'errors[0]',
        'await api.fetchImage(1)',
      ];
      const { output, errors } = await runProgram('lib/cli.ts', {
        args: ['--js', '--yes'],
        input: lines.join('\n'),
        env: { DIGITALOCEAN_TOKEN: CANARY, DIGITALOCEAN_API_URL: `http://127.0.0.1:${port}` },
      });
      expect(errors.match(/Error: GET/g)?.length).toBeGreaterThan(count / 2);
      expect(search.in(output)).toBeNull();
      expect(search.in(errors)).toBeNull();
    },
    TIMEOUT,
  );
});

describe('the log of `doapi-ts sandbox`', () => {
  it('shows no token and no secret of an import URL', async () => {
    const printed: string[] = [];
    const stop = new AbortController();
    const greeted = new Promise<string>((resolve) => {
      const out = (text: string): void => {
        const url = /http:\/\/[\d.]+:\d+/.exec(text)?.[0];
        if (text.startsWith('A DigitalOcean sandbox') && url) resolve(url);
        // The greeting shows the token of the sandbox, so that it can be used.
        else printed.push(text);
      };
      void runSandboxCommand(['--port', '0', '--token', 'the-sandbox-token'], {
        out,
        err: out,
        signal: stop.signal,
      });
    });
    const url = await greeted;
    try {
      const headers = { authorization: `Bearer ${CANARY}`, 'content-type': 'application/json' };
      for (const authorization of [headers.authorization, 'Bearer the-sandbox-token']) {
        for (const one of said.slice(-3)) {
          const body = JSON.stringify({ name: 'mine', region: 'nyc3', url: one.replaceAll('\\/', '/') });
          await fetch(`${url}/v2/images`, { method: 'POST', headers: { ...headers, authorization }, body });
        }
        await fetch(`${url}/v2/images?token=${CANARY}`, { headers: { ...headers, authorization } });
      }
    } finally {
      stop.abort();
    }
    expect(printed.join('').match(/^(GET|POST) /gm)).toHaveLength(8);
    expect(search.in(printed.join(''))).toBeNull();
  });
});
