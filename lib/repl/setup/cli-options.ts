import { containsToken } from '../../util/text/sanitize';
import { parseCommandLine } from '../../util/options/command-line';

export const USAGE = `Usage: doapi-ts [options]           open a session, or run a script from standard input
Usage: doapi-ts sandbox [options]   serve a DigitalOcean API in memory; see doapi-ts sandbox --help

  -e, --eval <code>     run the code and exit, with 1 on an error
      --json            print results as the API's JSON
      --js              use JavaScript instead of TypeScript; starts faster
      --token-file <f>  read the token from this file
      --context <name>  use the token of this doctl context
      --sandbox         use a DigitalOcean API in memory, even if there is a token
      --speed <factor>  seconds of sandbox time in one second (default 60)
      --read-only       send nothing but GET and HEAD
      --no-startup      leave out the start-up file
  -y, --yes             do not ask before requests that change something
  -v, --version         print the version
  -h, --help            print this text

The token is looked up in --token-file, --context, DIGITALOCEAN_TOKEN, DIGITALOCEAN_ACCESS_TOKEN and the configuration
of doctl, in this order. DIGITALOCEAN_CONTEXT names a context of doctl, too. Without a token a session uses a sandbox, and a script exits with 2 unless --sandbox is given.
`;

/** The options of the command line. */
export interface CliOptions {
  code: string | undefined;
  json: boolean;
  js: boolean;
  tokenFile: string | undefined;
  context: string | undefined;
  sandbox: boolean;
  speed: number;
  readOnly: boolean;
  noStartup: boolean;
  yes: boolean;
  version: boolean;
  help: boolean;
}

/** @throws TypeError for an option that is unknown or out of range; the message never contains a token */
export function readCliOptions(argv: readonly string[]): CliOptions {
  // Every user of this machine can see a command line, and a shell keeps it.
  if (argv.some(containsToken))
    throw new TypeError('A token does not belong on a command line: use --token-file or DIGITALOCEAN_TOKEN.');
  const values = parseWithoutFile(argv, {
    eval: { type: 'string', short: 'e', multiple: true },
    json: { type: 'boolean', default: false },
    js: { type: 'boolean', default: false },
    'token-file': { type: 'string' },
    context: { type: 'string' },
    sandbox: { type: 'boolean', default: false },
    speed: { type: 'string', default: '60' },
    'read-only': { type: 'boolean', default: false },
    'no-startup': { type: 'boolean', default: false },
    yes: { type: 'boolean', short: 'y', default: false },
    version: { type: 'boolean', short: 'v', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  const speed = Number(values.speed);
  if (!(speed > 0 && speed <= 1_000_000))
    throw new TypeError('--speed: expected a number above 0, at most 1000000.');
  const {
    'token-file': tokenFile,
    'read-only': readOnly,
    'no-startup': noStartup,
    eval: code,
    ...rest
  } = values;
  return { ...rest, context: values.context, tokenFile, readOnly, noStartup, code: code?.join('\n'), speed };
}

/** A script comes from a pipe. @throws TypeError that says so for the name of a file */
const parseWithoutFile: typeof parseCommandLine = (argv, options) => {
  try {
    return parseCommandLine(argv, options);
  } catch (error) {
    const file = argv.find((word) => /^[^-].*\.[cm]?[jt]s$/.test(word));
    if ((error as { code?: unknown }).code !== 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL' || file === undefined)
      throw error;
    throw new TypeError(`A script is read from standard input: doapi-ts < ${file}`, { cause: error });
  }
};
