import { describe, expect, it } from '@jest/globals';
import { type DOApi, DOApiError } from '../../lib';
import { type FaultKind, Sandbox } from '../../lib/sandbox';
import { rejection } from '../support/rejection';

const CALLS = 1_000;

const read = (api: DOApi): Promise<unknown> => api.fetchImage(5);
const update = (api: DOApi): Promise<unknown> => api.image(5).update({ name: 'golden' });

const outages: readonly { what: string; call: typeof read; fault: FaultKind }[] = [
  { what: 'reads', call: read, fault: 'html' },
  { what: 'reads', call: read, fault: 'refused' },
  { what: 'updates', call: update, fault: 'reset-before-execution' },
];

describe(`an outage during ${CALLS} calls`, () => {
  it.each(outages)(
    'costs at most 1.10 requests per call: $what, $fault',
    async ({ call, fault }) => {
      const sandbox = new Sandbox({ images: [{ id: 5 }], rateLimit: false });
      let requests = 0;
      const api = sandbox.api({ rateLimit: false, onRequest: () => void (requests += 1) });
      sandbox.fail({ with: fault } as Parameters<Sandbox['fail']>[0]);
      for (let at = 0; at < CALLS; at++) expect(await rejection(call(api))).toBeInstanceOf(DOApiError);
      expect(requests).toBeGreaterThan(CALLS);
      expect(requests).toBeLessThanOrEqual(1.1 * CALLS);
      // The manager works again after the outage.
      sandbox.heal();
      await expect(api.fetchImage(5)).resolves.toMatchObject({ id: 5 });
      await api.close();
    },
    60_000,
  );
});
