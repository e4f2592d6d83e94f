// The official TypeScript client, generated from the OpenAPI document.
import { FetchRequestAdapter } from '@microsoft/kiota-http-fetchlibrary';
import { DigitalOceanApiKeyAuthenticationProvider, createDigitalOceanClient } from '@digitalocean/dots';
import { imageId, poll, region, report, token, url } from './environment.mjs';

const adapter = new FetchRequestAdapter(new DigitalOceanApiKeyAuthenticationProvider(token));
adapter.baseUrl = url;
const { images, actions } = createDigitalOceanClient(adapter).v2;
const image = images.byImage_id(Number(imageId));

const listed = await images.get({ queryParameters: { perPage: 200, private: true } });
const before = await image.get();
const started = await image.actions.post({ type: 'transfer', region });
// The document omits the envelope of an image's action (contradiction 1), so that this client cannot read it. It polls
// the action in the list of the account.
const newest = (await actions.get()).actions[0];
const status = await poll(async () => (await actions.byAction_id(newest.id).get()).action.status);
const after = await image.get();

report({
  listed: listed.images.length,
  name: before.image.name,
  startedId: started?.id ?? null,
  status,
  regions: after.image.regions,
});
