/** A program that does not close its manager, and whose wait has lost a race: it ends all the same. */
import { DOApi } from '../../../lib';
import { Stopwatch } from '../stopwatch';

const [endpoint = '', token = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const api = new DOApi({ endpoint, token, transport: { proxy: false } });
  const images = await api.fetchAllImages().toArray();
  const action = await api.fetchLastAction();
  const patience = new AbortController();
  const wait = action?.wait({ signal: patience.signal, interval: 10 });
  wait?.catch(() => undefined);
  const winner = await Promise.race([wait, new Promise((done) => setTimeout(done, 60, 'somebody else'))]);
  patience.abort();
  const watch = new Stopwatch();
  process.on('exit', () => {
    console.log(JSON.stringify({ images: images.length, winner, took: watch.stop() }));
  });
}

void main();
