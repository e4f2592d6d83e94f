import { describe, expect, it } from '@jest/globals';
import https from 'node:https';
import { watched } from '../../lib/core/agents';
import { ConnectionError } from '../../lib/core/errors';
import { UnknownOutcomeError } from '../../lib/core/unknown-outcome';
import * as behave from '../support/behaviours';
import { aClient, OPERATIONS } from '../support/calls';
import { type Certificate, selfSigned } from '../support/certificate';
import { rejection } from '../support/rejection';
import { testServers } from '../support/server';

const { serveTls, accept } = testServers();

const IMAGE = { image: { id: 5 } };

/** A client with an agent that is watched like the library's own, but trusts one certificate more. */
const trusting = ({ cert }: Certificate): ReturnType<typeof aClient> => {
  const httpsAgent = watched(new https.Agent({ ca: cert, keepAlive: true }), true);
  return aClient({ transport: { proxy: false, httpsAgent } });
};

describe('a POST over TLS', () => {
  it('is answered over one connection', async () => {
    const certificate = selfSigned();
    const server = await serveTls(certificate, behave.answer(201, IMAGE));
    const { http } = trusting(certificate);
    for (let i = 0; i < 3; i++) {
      await expect(http.send(server.url, OPERATIONS.POST)).resolves.toEqual(IMAGE);
    }
    expect([server.connections, server.calls]).toEqual([1, 3]);
  });

  it('is not sent again once the handshake was done: it may have arrived', async () => {
    const certificate = selfSigned();
    const server = await serveTls(certificate, behave.hangUp);
    const error = await rejection(trusting(certificate).http.send(server.url, OPERATIONS.POST));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(server.calls).toBe(1);
  });

  it('is sent again when the handshake failed: nothing can have arrived', async () => {
    const server = await accept(behave.resetUnread, 'https');
    const error = await rejection(trusting(selfSigned()).http.send(server.url, OPERATIONS.POST));
    expect(error).toMatchObject({ name: 'ConnectionError', attempts: 4 });
    expect(server.calls).toBe(4);
  });
});

describe('a certificate', () => {
  it.each([
    ['has expired', selfSigned({ until: new Date(Date.now() - 60_000) }), 'CERT_HAS_EXPIRED'],
    ['is for another address', selfSigned({ address: [127, 0, 0, 2] }), 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('that %s ends the call at once', async (_what, certificate, code) => {
    const server = await serveTls(certificate, behave.answer(200, IMAGE));
    const { http, clock } = trusting(certificate);
    for (const call of Object.values(OPERATIONS)) {
      const error = await rejection(http.send(server.url, call));
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error).toMatchObject({ code, attempts: 1 });
    }
    expect([server.calls, clock.pauses]).toEqual([0, []]);
  });

  it('that is trusted does not make a server of plain HTTP a good one', async () => {
    const server = await accept((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'https');
    const error = await rejection(trusting(selfSigned()).http.send(server.url, OPERATIONS.POST));
    expect(error).toMatchObject({ name: 'ConnectionError', attempts: 1 });
  });
});
