import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import nock from 'nock';
import { type Asked, asked, ENDPOINT, type Reply, textOf } from './builders';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

/** DigitalOcean as a spec plays it: gives the replies in order, and remembers what it was asked. */
export interface FakeServer {
  /** What comes back, one after the other. */
  replies: (...replies: Reply[]) => void;
  asked: Asked[];
}

/**
 * Puts nock in the place of the network for a whole spec file. Nothing leaves the machine; a reply that nobody fetched
 * fails the spec, and so does a request that has no reply.
 */
export function fakeServer(endpoint = ENDPOINT): FakeServer {
  const server: FakeServer = { asked: [], replies: (...replies) => waiting.push(...replies) };
  const waiting: Reply[] = [];

  beforeAll(() => {
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
  });
  beforeEach(() => {
    server.asked = [];
    waiting.length = 0;
    const scope = nock(new URL(endpoint).origin).persist();
    for (const method of METHODS) {
      scope.intercept(/.*/, method).reply(function answer(path, body) {
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        const { headers } = this.req;
        server.asked.push(asked(method, new URL(path, endpoint).href, text, headers));
        const { status = 200, headers: own = {}, ...reply } = waiting.shift() ?? UNEXPECTED;
        return [status, textOf(reply), own];
      });
    }
  });
  afterEach(() => {
    nock.cleanAll();
    expect(waiting).toEqual([]);
  });
  afterAll(() => {
    nock.cleanAll();
    nock.enableNetConnect();
    nock.restore();
  });
  return server;
}

const UNEXPECTED: Reply = { status: 599, body: 'a request that the spec has no reply for' };
