export * from '../../lib';
// The library loads these when they are used; documentation needs the classes themselves.
export { Droplet } from '../../lib/droplet';
export { CreateDropletsError, DropletCreationError } from '../../lib/errors/droplet-errors';
export { ImageOffer } from '../../lib/image-offer';
export { PrunePlan } from '../../lib/prune/prune-plan';
export { Snapshot } from '../../lib/snapshot';
