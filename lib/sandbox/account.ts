import type { Call, Reply } from './call';
import { page } from './pages';

export function getAccount({ world }: Call): Reply {
  return { status: 200, body: { account: world.account } };
}

export function listRegions(call: Call): Reply {
  return page(call, 'regions', [...call.world.regions.values()], (region) => region);
}
