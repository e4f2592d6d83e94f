// Fetches images, in sequence or concurrently: measures the cost of a request.
const { atOnce, count, firstId, warmUp } = require('./arguments.cjs');
const { measured, run } = require('./measured.cjs');

run(async (client) => {
  let sent = 0;
  const some = (number) => {
    const end = sent + number;
    const one = async () => {
      while (sent < end) {
        const id = firstId + (sent++ % 10_000);
        const got = await client.get(id);
        if (Number(got) !== id) throw new Error(`sent for ${id}, got ${got}`);
      }
    };
    return Promise.all(Array.from({ length: atOnce }, one));
  };
  await some(warmUp);
  return measured(() => some(count));
});
