#!/usr/bin/env node
/** The command `doapi-ts`: `doapi-ts sandbox` runs a sandbox server, anything else a session. Loads only what it runs. */
async function main(argv: string[]): Promise<number> {
  // What reads the output may end first, as in `doapi-ts sandbox | head`: the rest has no reader, and the work goes on.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    });
  }
  if (argv[0] === 'sandbox') {
    const sandbox = await import('./sandbox/sandbox-command');
    return sandbox.runSandboxCommand(argv.slice(1));
  }
  const repl = await import('./repl/main');
  const code = await repl.runRepl(argv);
  // Ends the process even while waits are in progress. A script may have set `process.exitCode`.
  process.exit(code === 0 ? process.exitCode : code);
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
