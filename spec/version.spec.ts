import { describe, expect, it } from '@jest/globals';
import { VERSION } from '../lib/version';
import { version } from '../package.json';
import { fakeServer } from './support/nock';
import { anApi } from './support/builders';

describe('the version', () => {
  const server = fakeServer();

  it("is package.json's", () => {
    expect(VERSION).toBe(version);
  });

  it('is named to the server in every request', async () => {
    server.replies({ body: {} });
    await anApi().request('/v2/account');
    expect(server.asked[0]?.headers['user-agent']).toBe(`doapi-ts/${VERSION} node/${process.versions.node}`);
  });
});
