import { start } from 'node:repl';
import { VERSION } from '../version';
import { LineFeed } from './lines';
import { createScope } from './scope';
import { createSession } from './session';

const interactive = process.stdin.isTTY;
const { values, declarations, greeting } = createScope();

console.log(`doapi-ts ${VERSION}. ${greeting}`);
console.log(`In scope: ${Object.keys(values).join(', ')}. Try: await api.fetchAllImages().first()`);

const feed = interactive ? null : new LineFeed(process.stdin);
const server = start({
  prompt: interactive ? '> ' : '',
  input: feed?.input ?? process.stdin,
  output: process.stdout,
  useGlobal: true,
  eval: createSession(values, declarations),
});
feed?.serve(server);
// Waits that go on in the sandbox or at DigitalOcean do not keep the session.
server.once('exit', () => process.exit());
