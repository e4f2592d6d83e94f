import type { RouteContext, Reply } from './route-handler';
import { page } from './page-links';

export function getAccount({ world }: RouteContext): Reply {
  return { status: 200, body: { account: world.account } };
}

export function listRegions(context: RouteContext): Reply {
  return page(context, 'regions', [...context.world.regions.values()], (region) => region);
}
