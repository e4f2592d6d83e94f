import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerOptions } from '../worker-options';

/** One request without a limit of its own; after a 429 it waits as long as the server says. */
export async function plainRequest(
  { url, token, worker, speed }: WorkerOptions,
  onRefusal: () => void,
  again: () => Promise<void>,
): Promise<void> {
  for (;;) {
    await again();
    const response = await fetch(`${url}/v2/account?worker=${worker}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await response.arrayBuffer();
    if (response.status !== 429) return;
    onRefusal();
    await sleep((Number(response.headers.get('retry-after') ?? 1) * 1_000) / speed);
  }
}
