import type { SandboxRequest } from './server/request-log';
import { isPrivateHost } from './server/http-server';
import { Sandbox } from './sandbox';
import { excerpt, printable, withoutSecrets } from '../util/text/sanitize';
import { parseCommandLine } from '../util/options/command-line';

const HELP = `Usage: doapi-ts sandbox [options]

Serves a DigitalOcean API in memory, until Ctrl-C.

  --host <address>        the address to listen on (default 127.0.0.1: this machine only)
  --port <number>         the port to listen on (default 8080; 0: any free port)
  --speed <factor>        seconds of the sandbox per real second (default 1)
  --images <number>       the number of images (default 60)
  --action-time <seconds> the duration of a transfer (default 60)
  --token <token>         the token to accept (default: one that is printed)
  --quiet                 do not log requests
  --help                  show this text
`;

/** The output of the command, and the signal that stops it. */
export interface SandboxIo {
  out: (text: string) => void;
  err: (text: string) => void;
  /** Stops the command. Default: SIGINT or SIGTERM. */
  signal?: AbortSignal;
}

const CONSOLE: SandboxIo = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

/**
 * `doapi-ts sandbox`: serves a sandbox for clients in any language, and writes a line for each request.
 * @param argv the arguments after `sandbox`
 * @returns the exit code: 0 when it was stopped, 1 if it could not listen, 2 for invalid options
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
      ...(options.quiet ? {} : { onRequest: (request) => io.out(`${logLine(request)}\n`) }),
    });
    const { url, token, close } = await sandbox.listen({
      host: options.host,
      port: options.port,
      speed: options.speed,
    });
    io.out(greeting(url, token, options));
    await untilStopped(io.signal);
    await close();
    io.out('The sandbox has stopped.\n');
    return 0;
  } catch (error) {
    const { name, message } = error as Error;
    io.err(`${printable(message)}\n`);
    return name === 'TypeError' || name === 'RangeError' ? 2 : 1;
  }
}

function readArguments(argv: readonly string[]) {
  const values = parseCommandLine(argv, {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8080' },
    speed: { type: 'string', default: '1' },
    images: { type: 'string', default: '60' },
    'action-time': { type: 'string', default: '60' },
    token: { type: 'string' },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  return {
    host: values.host,
    port: Number(values.port),
    speed: Number(values.speed),
    images: Number(values.images),
    actionTime: 1000 * Number(values['action-time']),
    token: values.token,
    quiet: values.quiet,
    help: values.help,
  };
}

function greeting(url: string, token: string, { host, speed }: { host: string; speed: number }): string {
  return [
    `A DigitalOcean sandbox listens on ${url}${speed === 1 ? '' : `, where time passes ${speed} times as fast`}.`,
    `  export DIGITALOCEAN_API_URL=${url}`,
    `  export DIGITALOCEAN_TOKEN=${token}`,
    ...(isPrivateHost(host) ? [] : [exposure(host, new URL(url).port)]),
    'Press Ctrl-C to stop it.\n',
  ].join('\n');
}

/** The line for a sandbox that is not for this machine alone. */
function exposure(host: string, port: string): string {
  return `It listens on ${host}: other machines can use it with the token, at http://<name of this machine>:${port} (allowHttp: true).`;
}

/** A single line of printable characters, whatever a client sends. */
function logLine({ method, path, query, body, status, executed }: Readonly<SandboxRequest>): string {
  const search = new URLSearchParams(query).toString();
  const result = status === null ? `no response${executed ? ', but executed' : ''}` : String(status);
  const sent = body === undefined ? '' : ` ${excerpt(JSON.stringify(body)).slice(0, 120)}`;
  return `${printable(withoutSecrets(`${method} ${path}${search && `?${search}`}`) + sent)} → ${result}`;
}

function untilStopped(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => resolve();
    if (signal) {
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      return;
    }
    process.once('SIGINT', stop).once('SIGTERM', stop);
  });
}
