/** Does not close its manager, and starts a wait that loses a race. Prints how long the process takes to exit. */
import { DOApi } from '../../../lib';
import { Stopwatch } from '../stopwatch';

const [endpoint = '', token = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const api = new DOApi({ endpoint, token, transport: { proxy: false } });
  const images = await api.fetchAllImages().toArray();
  const action = await api.fetchLastAction();
  const controller = new AbortController();
  const wait = action?.wait({ signal: controller.signal, interval: 10 });
  wait?.catch(() => undefined);
  const winner = await Promise.race([wait, new Promise((done) => setTimeout(done, 60, 'the timer'))]);
  controller.abort();
  const watch = new Stopwatch();
  process.on('exit', () => {
    console.log(JSON.stringify({ images: images.length, winner, duration: watch.stop() }));
  });
}

void main();
