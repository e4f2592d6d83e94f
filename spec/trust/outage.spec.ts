import { describe, expect, it } from '@jest/globals';
import { type DOApi, DOApiError } from '../../lib';
import { type FaultKind, Sandbox } from '../../lib/sandbox';
import { rejection } from '../support/rejection';

const CALLS = 1_000;

const read = (api: DOApi): Promise<unknown> => api.fetchImage(5);
const change = (api: DOApi): Promise<unknown> => api.image(5).update({ name: 'golden' });

const outages: readonly { what: string; call: typeof read; fault: FaultKind }[] = [
  { what: 'reads', call: read, fault: 'html' },
  { what: 'reads', call: read, fault: 'refused' },
  { what: 'changes', call: change, fault: 'reset-before-execution' },
];

describe(`an outage during ${CALLS} calls`, () => {
  it.each(outages)(
    'costs at most 1.10 requests a call: $what, $fault',
    async ({ call, fault }) => {
      const sandbox = new Sandbox({ images: [{ id: 5 }], rateLimit: false });
      let asked = 0;
      const api = sandbox.api({ rateLimit: false, onRequest: () => void (asked += 1) });
      sandbox.fail({ with: fault } as Parameters<Sandbox['fail']>[0]);
      for (let at = 0; at < CALLS; at++) expect(await rejection(call(api))).toBeInstanceOf(DOApiError);
      expect(asked).toBeGreaterThan(CALLS);
      expect(asked).toBeLessThanOrEqual(1.1 * CALLS);
      // And when it is over, it is over.
      sandbox.heal();
      await expect(api.fetchImage(5)).resolves.toMatchObject({ id: 5 });
      await api.close();
    },
    60_000,
  );
});
