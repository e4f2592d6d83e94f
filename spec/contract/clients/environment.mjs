import console from 'node:console';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';

/** The URL and the token of the sandbox, the image to transfer, and the region. */
export const { SANDBOX_URL: url, SANDBOX_TOKEN: token, IMAGE_ID: imageId, REGION: region } = process.env;

/** Polls until the action has ended; returns its status. */
export async function poll(fetchStatus) {
  for (let polls = 0; polls < 200; polls++) {
    const status = await fetchStatus();
    if (status !== 'in-progress') return status;
    await setTimeout(50);
  }
  throw new Error('the action never ended');
}

/** Reports to foreign-clients.ts what the client read. */
export function report(findings) {
  console.log(JSON.stringify(findings));
}
