import { describe, expect, it } from '@jest/globals';
import { Sandbox } from '../../lib/sandbox';
import { rejection } from '../support/rejection';

describe('the room where the waits of a manager meet', () => {
  const anAction = async (): Promise<{ sandbox: Sandbox; id: number }> => {
    const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }] });
    const { id } = await sandbox.api().image(5).transfer('fra1');
    sandbox.clearRequests();
    return { sandbox, id };
  };

  it('is one for all of them: waits that begin together look together', async () => {
    const { sandbox, id } = await anAction();
    const api = sandbox.api();
    const looks: number[] = [];
    const wait = (): Promise<unknown> =>
      api.action(id).wait({ onProgress: (progress) => looks.push(progress.polls) });
    await Promise.all([wait(), wait(), wait()]);
    expect(sandbox.requests.length * 3).toBe(looks.length);
  });

  it('lets nobody in whose signal has aborted', async () => {
    const { sandbox, id } = await anAction();
    const controller = new AbortController();
    const wait = sandbox.api().action(id).wait({ signal: controller.signal });
    controller.abort('changed my mind');
    expect(await rejection(wait)).toBe('changed my mind');
    expect(sandbox.requests).toEqual([]);
  });
});
