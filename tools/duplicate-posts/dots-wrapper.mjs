import process from 'node:process';
import { createApiClient } from 'dots-wrapper';

const [url, token] = process.argv.slice(2);
const { image } = createApiClient({ token, endpoint: `${url}/v2`, requestTimeoutInMs: 300 });

process.on('message', async (image_id) => {
  const error = await image.transferImage({ image_id, region: 'fra1' }).then(
    () => null,
    (reason) => String(reason),
  );
  process.send({ error });
});
