import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import nock from 'nock';
import { type SentRequest, asked, ENDPOINT, type Reply, textOf } from './builders';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

/** Plays DigitalOcean: returns the replies in order and records the requests. */
export interface FakeServer {
  /** Adds replies, to be returned in order. */
  replies: (...replies: Reply[]) => void;
  asked: SentRequest[];
}

/**
 * Replaces the network by nock for a spec file. Nothing leaves the machine. A reply that was not used fails the spec, and
 * so does a request without a reply.
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
      scope.intercept(/.*/, method).reply(function respond(path, body) {
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
