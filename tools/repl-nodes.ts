import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { installNodes, NODES } from './nodes/versions';

/**
 * `npm run repl:nodes`: runs the specs of the session at a terminal with every supported Node but the oldest, which `npm test` runs them with.
 * Arguments are passed to jest: `npm run repl:nodes -- -t TypeScript`.
 */
const TRIED = NODES.slice(1);
const ROOT = join(__dirname, '..');

function passes(node: string): boolean {
  const jest = ['jest', '--coverage=false', '--forceExit', 'spec/repl/terminal', ...process.argv.slice(2)];
  const env = { ...process.env, REPL_NODE: node, ALL_CASES: '1' };
  return spawnSync('npx', jest, { env, stdio: 'inherit', cwd: ROOT }).status === 0;
}

async function main(): Promise<void> {
  await installNodes((line) => console.log(line));
  const failed = TRIED.filter(({ name, program }) => {
    console.log(`\n=== ${name}`);
    return !passes(program);
  });
  console.log(`\n${TRIED.length - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
void main();
