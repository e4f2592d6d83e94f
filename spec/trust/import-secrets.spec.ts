import { describe, expect, it } from '@jest/globals';
import { ImageImportError } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import { rejection } from '../support/rejection';
import { TraceSearch } from '../../tools/support/canary';
import { SINKS, textIn } from '../../tools/support/sinks';
import { DISGUISES } from './leaks/disguises';
import { echoesFor } from './leaks/echoes';
import { hunt } from './leaks/hunt';

const SECRET = 'q7Zp2Kx9Lm4Vt8Rw3Ny6Hc5';
const search = new TraceSearch(SECRET);

/** URLs with a secret, as object stores, signed links and old servers have them. */
const URLS: Readonly<Record<string, string>> = {
  'a signature': `https://bucket.example/disk.gz?X-Amz-Date=1&X-Amz-Signature=${SECRET}`,
  'a signature in upper case': `HTTPS://bucket.example/disk.gz?X-AMZ-SIGNATURE=${SECRET}`,
  'a user and a password': `https://user:${SECRET}@bucket.example/disk.gz`,
  'a user alone': `https://${SECRET}@bucket.example/disk.gz`,
  'a password of ftp': `ftp://user:${SECRET}@bucket.example/disk.gz`,
  'a query behind a quote in the path': `https://bucket.example/it's.gz?sig=${SECRET}`,
  'a query behind a blank in the path': `https://bucket.example/disk 1.gz?sig=${SECRET}`,
  'a query with quotes': `https://bucket.example/disk.gz?name="a"&b='c'&sig=${SECRET}`,
  'a query with a blank': `https://bucket.example/disk.gz?name=a b&sig=${SECRET}`,
};

/** What a server makes of a URL that it quotes. */
const QUOTES = Object.entries(DISGUISES).filter(([how]) => /as it is|slashes|percent|JSON in JSON/.test(how));

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

describe.each(Object.entries(URLS).map(([what, url], turn) => ({ what, url, turn })))(
  'an import URL with $what',
  ({ url, turn }) => {
    it.each(QUOTES)('keeps its secret when the server quotes it %s', async (how, disguise) => {
      const said = how === 'as it is' ? inJson(url) : disguise(url);
      for (const [, echo] of echoesFor(turn + QUOTES.findIndex(([quote]) => quote === how))) {
        const text = await hunt(echo(said), { options: { token: 'secret-token' }, url });
        expect(search.in(text)).toBeNull();
      }
    });

    it('keeps it when its import fails, and DigitalOcean quotes it', async () => {
      for (const [, disguise] of QUOTES) {
        const sandbox = new Sandbox();
        const message = `Could not download ${disguise(url)}: 404`;
        sandbox.fail({ on: 'POST /v2/images', with: 'failed-import', message });
        const image = await sandbox
          .api()
          .createCustomImage({ name: 'mine', url: 'https://bucket.example/disk.gz', region: 'nyc3' });
        const error = await rejection(image.waitUntilAvailable());
        expect(error).toBeInstanceOf(ImageImportError);
        for (const sink of ['message', 'stack', 'JSON.stringify', 'util.inspect', 'console.*']) {
          const text = textIn(SINKS[sink] ?? String, error, { reported: [], related: [] });
          expect([sink, search.in(text)]).toEqual([sink, null]);
        }
      }
    });
  },
);
