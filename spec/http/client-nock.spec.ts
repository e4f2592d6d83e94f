import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { ConnectionError } from '../../lib/errors/errors';
import { UnknownOutcomeError } from '../../lib/errors/unknown-outcome';
import { rejection } from '../support/rejection';
import { aClient, OPERATIONS } from '../support/calls';
import { CANARIES, expectNoTrace } from '../support/leaks';

const ENDPOINT = 'https://api.digitalocean.com';

describe("nock, in a user's tests", () => {
  beforeAll(() => {
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
  });
  afterAll(() => {
    nock.cleanAll();
    nock.enableNetConnect();
    nock.restore();
  });

  it('responds like a server', async () => {
    nock(ENDPOINT)
      .get('/v2/images/5')
      .reply(200, { image: { id: 5 } });
    const body = await aClient().http.send(`${ENDPOINT}/v2/images/5`, OPERATIONS.GET);
    expect(body).toEqual({ image: { id: 5 } });
  });

  it.each(CANARIES)(
    'is quoted without the token when its error shows the whole request: %s',
    async (token) => {
      nock(ENDPOINT).get('/v2/something/else').reply(200, {});
      const { http, events } = aClient({ token });
      const get = await rejection(http.send(`${ENDPOINT}/v2/images`, OPERATIONS.GET));
      expect(get).toBeInstanceOf(ConnectionError);
      expect(String(get)).toMatch(/no match/i);
      const post = await rejection(http.send(`${ENDPOINT}/v2/images`, OPERATIONS.POST));
      expect(post).toBeInstanceOf(UnknownOutcomeError);
      expectNoTrace(token, get, post, events);
    },
  );
});
