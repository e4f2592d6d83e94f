// One image after another, or many at once: what a request costs.
const { atOnce, count, firstId, warmUp } = require('./told.cjs');
const { measured, run } = require('./measured.cjs');

run(async (client) => {
  let asked = 0;
  const some = (number) => {
    const end = asked + number;
    const one = async () => {
      while (asked < end) {
        const id = firstId + (asked++ % 10_000);
        const got = await client.get(id);
        if (Number(got) !== id) throw new Error(`asked for ${id}, got ${got}`);
      }
    };
    return Promise.all(Array.from({ length: atOnce }, one));
  };
  await some(warmUp);
  return measured(() => some(count));
});
