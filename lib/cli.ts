#!/usr/bin/env node
/** The command `doapi-ts`: a session, or what the first word names. What it needs is loaded with it. */
async function main(argv: string[]): Promise<number> {
  if (argv[0] === 'sandbox') {
    const sandbox = await import('./sandbox/sandbox-command');
    return sandbox.main(argv.slice(1));
  }
  const repl = await import('./repl/main');
  const code = await repl.runRepl(argv);
  // Waits that go on in the sandbox or at DigitalOcean do not keep the session.
  // Without a code it is what the script has set.
  process.exit(code === 0 ? process.exitCode : code);
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
