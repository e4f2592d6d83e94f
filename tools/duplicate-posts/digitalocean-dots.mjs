import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { FetchRequestAdapter } from '@microsoft/kiota-http-fetchlibrary';
import { DigitalOceanApiKeyAuthenticationProvider, createDigitalOceanClient } from '@digitalocean/dots';

const [url, token] = process.argv.slice(2);
const adapter = new FetchRequestAdapter(new DigitalOceanApiKeyAuthenticationProvider(token));
adapter.baseUrl = url;
const { images } = createDigitalOceanClient(adapter).v2;

process.on('message', async (id) => {
  // The client has no timeout.
  const error = await Promise.race([
    images
      .byImage_id(id)
      .actions.post({ type: 'transfer', region: 'fra1' })
      .then(
        () => null,
        (reason) => String(reason),
      ),
    setTimeout(40_000, 'no response'),
  ]);
  process.send({ error });
});
