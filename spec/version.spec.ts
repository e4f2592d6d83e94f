import { describe, expect, it } from '@jest/globals';
import { VERSION } from '../lib/version';
import { version } from '../package.json';
import { fakeServer } from './support/nock';
import { anApi } from './support/builders';

describe('the version', () => {
  const server = fakeServer();

  it('is that of package.json', () => {
    expect(VERSION).toBe(version);
  });

  it('is sent in the user-agent header of every request', async () => {
    server.replies({ body: {} });
    await anApi().request('/v2/account');
    expect(server.asked[0]?.headers['user-agent']).toBe(`doapi-ts/${VERSION} node/${process.versions.node}`);
  });
});
