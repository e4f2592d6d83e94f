/**
 * The main job, step by step: find an image, convert it, copy it to another region, wait until the copy has arrived.
 *
 *     npm run tour                 on a sandbox in memory: no token, no network
 *     npm run tour -- --live       with a token in DIGITALOCEAN_TOKEN: only the steps that read, on your account
 */
import { type Action, DOApi, type Image, UnprocessableError } from '../lib';
import { duration, quickSandbox } from './support/run';
import { showProgress } from './support/progress';

const TRANSFER_TIME = 150_000;
const CONVERT_TIME = 60_000;

const say = (line = ''): void => console.log(line);
const step = (title: string, code: string): void => say(`\n${title}\n   > ${code}`);

/** The steps that only read. */
async function read(api: DOApi): Promise<void> {
  step('1. List the images.', 'for await (const image of api.fetchAllPrivateImages()) …');
  const images = await api.fetchAllPrivateImages().toArray();
  for (const image of images.slice(0, 5)) say(`   ${row(image)}`);
  say(`   … ${images.length} of this account, and ${String(await api.fetchAllImages().total())} in all`);

  step('2. Find an image by its slug.', "await api.fetchImage('ubuntu-24-04-x64')");
  say(`   ${row(await api.fetchImage('ubuntu-24-04-x64'))}`);
}

/** A backup stays in its region and is deleted with its Droplet, unless it becomes a snapshot. */
async function convert(api: DOApi): Promise<Image> {
  step(
    '3. Find a private image: a backup.',
    "await api.fetchAllPrivateImages().find((image) => image.type === 'backup')",
  );
  const backup = await api.fetchAllPrivateImages().find(({ type }) => type === 'backup');
  if (!backup) throw new Error('The sandbox has no backup.');
  say(`   ${row(backup)}`);

  step(
    '4. Convert it to a snapshot: a backup cannot be copied. `backup` itself never changes.',
    'await backup.convert({ wait: true }); await backup.fetch()',
  );
  await backup.convert({ wait: true });
  const snapshot = await backup.fetch();
  say(`   before: ${row(backup)}\n   now:    ${row(snapshot)}`);
  return snapshot;
}

/** The main job: copy, wait. */
async function copy(image: Image): Promise<Image> {
  step(
    '5. Copy it to New York, and wait until the copy has arrived.',
    "await image.transfer('nyc3', { wait: { interval: 10_000, onProgress } })",
  );
  const { onProgress, stop } = showProgress(TRANSFER_TIME, say);
  await image.transfer('nyc3', { wait: { interval: 10_000, onProgress } }).finally(stop);

  step('6. Fetch it again: fetch() returns a new object.', 'await image.fetch()');
  const copied = await image.fetch();
  say(`   before: ${row(image)}\n   now:    ${row(copied)}`);

  step('7. List the actions of the image.', 'for await (const action of image.fetchAllActions()) …');
  for await (const action of image.fetchAllActions()) say(`   ${actionRow(action)}`);
  return copied;
}

async function refused(image: Image): Promise<void> {
  step('8. An error has a class and a message of one line.', "await image.transfer('nyc3')");
  try {
    await image.transfer('nyc3');
  } catch (error) {
    if (!(error instanceof UnprocessableError)) throw error;
    say(`   ${error.name}: ${error.message}`);
    say(`   error.status is ${error.status}, error.id is ${String(error.id)}`);
  }
}

function row(image: Image): string {
  const { id, name, type, regions, sizeGigabytes } = image;
  const where = regions.length > 3 ? `${regions.length} regions` : regions.join(', ');
  return `${id}  ${(image.slug ?? name).padEnd(20)} ${String(type).padEnd(9)} ${sizeGigabytes ?? '?'} GB  ${where}`;
}

function actionRow({ id, type, status, startedAt, completedAt }: Action): string {
  const took = startedAt && completedAt ? ` in ${duration(completedAt.getTime() - startedAt.getTime())}` : '';
  return `${id}  ${String(type).padEnd(9)} ${String(status)}${took}`;
}

async function live(): Promise<void> {
  const api = new DOApi();
  say(`This reads from ${api.endpoint} and changes nothing.`);
  await read(api);
  say(
    `\nRequests left in this hour: ${String(api.rateLimit?.remaining)} of ${String(api.rateLimit?.limit)}.`,
  );
}

async function tour(): Promise<void> {
  say('This is a DigitalOcean in memory: nothing leaves your machine, and a minute takes a second.');
  const sandbox = quickSandbox({
    actionTime: ({ type }) => (type === 'transfer' ? TRANSFER_TIME : CONVERT_TIME),
  });
  const api = sandbox.api();
  await read(api);
  const snapshot = await convert(api);
  const image = await copy(snapshot);
  await refused(image);
  say(`\nThis took ${sandbox.requests.length} requests. Continue with README.md, or try npm run repl.`);
}

(process.argv.includes('--live') ? live : tour)().catch((error: unknown) => {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
});
