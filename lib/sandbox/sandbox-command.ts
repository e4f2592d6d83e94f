import { parseArgs } from 'node:util';
import type { SandboxRequest } from './server/request-log';
import { Sandbox } from './sandbox';

const HELP = `Usage: doapi-ts sandbox [options]

Serves a DigitalOcean in memory on 127.0.0.1, until Ctrl-C.

  --port <number>         where to listen (default 8080; 0: any free port)
  --speed <factor>        how many seconds pass in one (default 1)
  --images <number>       how many images there are (default 60)
  --action-time <seconds> how long a transfer takes (default 60)
  --token <token>         the token to expect (default: one that is printed)
  --quiet                 do not log requests
  --help                  this text
`;

/** What the command writes to, and what ends it. */
export interface SandboxIo {
  out: (text: string) => void;
  err: (text: string) => void;
  /** Ends the command; without it, SIGINT and SIGTERM do. */
  signal?: AbortSignal;
}

const CONSOLE: SandboxIo = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

/**
 * `doapi-ts sandbox`: serves a sandbox for clients in any language, and writes a line for each request.
 * @param argv what stands after `sandbox` on the command line.
 * @returns the exit code: 0 when it was ended, 1 when it could not listen, 2 for options that make no sense.
 */
export async function runSandboxCommand(argv: readonly string[], io: SandboxIo = CONSOLE): Promise<number> {
  try {
    const options = readArguments(argv);
    if (options.help) {
      io.out(HELP);
      return 0;
    }
    const sandbox = new Sandbox({
      images: options.images,
      actionTime: options.actionTime,
      ...(options.token === undefined ? {} : { tokens: [options.token] }),
      ...(options.quiet ? {} : { onRequest: (request) => io.out(`${line(request)}\n`) }),
    });
    const { url, token, close } = await sandbox.listen({ port: options.port, speed: options.speed });
    io.out(greeting(url, token, options.speed));
    await ended(io.signal);
    await close();
    io.out('The sandbox has stopped.\n');
    return 0;
  } catch (error) {
    const { name, message } = error as Error;
    io.err(`${message}\n`);
    return name === 'TypeError' || name === 'RangeError' ? 2 : 1;
  }
}

function readArguments(argv: readonly string[]) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string', default: '8080' },
      speed: { type: 'string', default: '1' },
      images: { type: 'string', default: '60' },
      'action-time': { type: 'string', default: '60' },
      token: { type: 'string' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    port: Number(values.port),
    speed: Number(values.speed),
    images: Number(values.images),
    actionTime: 1000 * Number(values['action-time']),
    token: values.token,
    quiet: values.quiet,
    help: values.help,
  };
}

function greeting(url: string, token: string, speed: number): string {
  return [
    `A DigitalOcean sandbox listens on ${url}${speed === 1 ? '' : `, where time passes ${speed} times as fast`}.`,
    `  export DIGITALOCEAN_API_URL=${url}`,
    `  export DIGITALOCEAN_TOKEN=${token}`,
    'Ctrl-C ends it.\n',
  ].join('\n');
}

/** One line, whatever the client sent: paths are escaped by their nature, bodies by JSON. */
function line({ method, path, query, body, status, executed }: Readonly<SandboxRequest>): string {
  const search = new URLSearchParams(query).toString();
  const answer = status === null ? `no answer${executed ? ', but carried out' : ''}` : String(status);
  const sent = body === undefined ? '' : ` ${JSON.stringify(body).slice(0, 120)}`;
  return `${method} ${path}${search && `?${search}`}${sent} → ${answer}`;
}

function ended(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => resolve();
    if (signal) {
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      return;
    }
    process.once('SIGINT', end).once('SIGTERM', end);
  });
}
