import { parseArgs } from 'node:util';

export const USAGE = `Usage: doapi-ts [options]           opens a session, or runs a script that comes through a pipe
Usage: doapi-ts sandbox [options]   serves a DigitalOcean in memory; doapi-ts sandbox --help names its options

  -e, --eval <code>     runs the code and ends; 1 is the exit code when something went wrong
      --json            prints results as the API's JSON
      --js              JavaScript instead of TypeScript: starts faster
      --token-file <f>  the file that holds the token
      --context <name>  the token of this context of doctl
      --sandbox         a DigitalOcean in memory, whatever tokens there are
      --speed <factor>  how many seconds pass in one second of the sandbox's time (default 60)
  -y, --yes             asks nothing before it deletes something or starts what costs money
  -v, --version         the version
  -h, --help            this text

The token is looked for in --token-file, --context, DIGITALOCEAN_TOKEN, DIGITALOCEAN_ACCESS_TOKEN and the configuration
of doctl, in this order. Without one the session has a sandbox.
`;

/** What a session was asked to be. */
export interface CliOptions {
  code: string | undefined;
  json: boolean;
  js: boolean;
  tokenFile: string | undefined;
  context: string | undefined;
  sandbox: boolean;
  speed: number;
  yes: boolean;
  version: boolean;
  help: boolean;
}

/** What looks like a token of DigitalOcean's. */
const TOKEN = /do[opr]_v1_\w/;

/** @throws TypeError when an option makes no sense; the message never holds a token */
export function readCliOptions(argv: readonly string[]): CliOptions {
  // Everybody on this machine can see a command line, and a shell keeps it.
  if (argv.some((one) => TOKEN.test(one)))
    throw new TypeError('A token does not belong on a command line: use --token-file or DIGITALOCEAN_TOKEN.');
  const { values } = parseArgs({
    args: [...argv],
    options: {
      eval: { type: 'string', short: 'e', multiple: true },
      json: { type: 'boolean', default: false },
      js: { type: 'boolean', default: false },
      'token-file': { type: 'string' },
      context: { type: 'string' },
      sandbox: { type: 'boolean', default: false },
      speed: { type: 'string', default: '60' },
      yes: { type: 'boolean', short: 'y', default: false },
      version: { type: 'boolean', short: 'v', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const speed = Number(values.speed);
  if (!(speed > 0 && speed <= 1_000_000))
    throw new TypeError('--speed: expected a number above 0, at most 1000000.');
  const { 'token-file': tokenFile, eval: code, ...rest } = values;
  return { ...rest, context: values.context, tokenFile, code: code?.join('\n'), speed };
}
