#!/usr/bin/env node
/** The command `doapi-ts`. What a subcommand needs is loaded with it. */
const USAGE = `Usage: doapi-ts sandbox [options]

  sandbox   serves a DigitalOcean in memory on 127.0.0.1, for clients in any language;
            doapi-ts sandbox --help names its options
`;

async function main([command, ...rest]: string[]): Promise<number> {
  if (command === 'sandbox') {
    const sandbox = await import('./sandbox/cli');
    return sandbox.main(rest);
  }
  const asked = command === '--help' || command === '-h' || command === 'help';
  (asked ? process.stdout : process.stderr).write(USAGE);
  return asked ? 0 : 2;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
