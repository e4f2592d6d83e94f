import { FetchRequestAdapter } from '@microsoft/kiota-http-fetchlibrary';
import { DigitalOceanApiKeyAuthenticationProvider, createDigitalOceanClient } from '@digitalocean/dots';
import pages from './pages.cjs';

/** Its default is the server's 20 per page. */
export const connect = ({ url, token }) => {
  const adapter = new FetchRequestAdapter(new DigitalOceanApiKeyAuthenticationProvider(token));
  adapter.baseUrl = url;
  const { images } = createDigitalOceanClient(adapter).v2;
  const list = (options) =>
    pages.follow(async (page) => {
      const { images: found, links } = await images.get({ queryParameters: { ...options, page } });
      // The client has no property for these links.
      return { images: found, links: { pages: links.pages?.additionalData } };
    });
  return {
    get: async (id) => (await images.byImage_id(id).get()).image.id,
    list: { default: () => list({}), tuned: () => list({ perPage: 200 }) },
  };
};
