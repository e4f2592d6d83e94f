import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs the specs of the session at a terminal with every supported Node. They are installed here from their own lock,
 * for Linux on x64 only. Arguments are passed to jest: `npm run repl:nodes -- -t TypeScript`.
 */
const VERSIONS = ['node22', 'node24', 'node26'];

const ROOT = join(__dirname, '..', '..', '..');

function run(command: string, args: readonly string[], cwd: string, env = process.env): boolean {
  return spawnSync(command, args, { env, stdio: 'inherit', cwd }).status === 0;
}

const installed = run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], __dirname);
const failed = VERSIONS.filter((name) => {
  const node = join(__dirname, 'node_modules', name, 'bin', 'node');
  if (!existsSync(node)) return true;
  console.log(`\n=== ${name}`);
  const jest = ['jest', '--coverage=false', '--forceExit', 'spec/repl/terminal'];
  const env = { ...process.env, REPL_NODE: node, ALL_CASES: '1' };
  return !run('npx', [...jest, ...process.argv.slice(2)], ROOT, env);
});
console.log(`\n${VERSIONS.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = installed && failed.length === 0 ? 0 : 1;
