import console from 'node:console';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';

/** Where the sandbox is, its token, the image to transfer and where to. */
export const { SANDBOX_URL: url, SANDBOX_TOKEN: token, IMAGE_ID: imageId, REGION: region } = process.env;

/** Asks again and again until the action is not in progress any more; gives its status then. */
export async function poll(look) {
  for (let looks = 0; looks < 200; looks++) {
    const status = await look();
    if (status !== 'in-progress') return status;
    await setTimeout(50);
  }
  throw new Error('the action never ended');
}

/** Tells foreign-clients.ts what the client made of the answers. */
export function tell(found) {
  console.log(JSON.stringify(found));
}
