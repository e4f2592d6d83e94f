import type { Resources } from './model/requester';
import type { WaitOptions } from './polling/wait-options';
import type { RegionLike } from './region';

/** A Droplet to create with `image.createDroplet()`. */
export interface NewDropletOfImage {
  /** Letters, digits, `.` and `-`, at most 255. */
  name: string;
  /** The slug of a size, such as `s-1vcpu-1gb`. */
  size: string;
  /** A region that has the image; default: the first one. */
  region?: RegionLike | undefined;
  /** Ids or fingerprints of keys of the account. */
  sshKeys?: readonly (number | string)[] | undefined;
  backups?: boolean | undefined;
  ipv6?: boolean | undefined;
  monitoring?: boolean | undefined;
  tags?: readonly string[] | undefined;
  /** Text for cloud-init, at most 64 KiB. */
  userData?: string | undefined;
  /** Ids of volumes in the region. */
  volumes?: readonly string[] | undefined;
  vpcUuid?: string | undefined;
  withDropletAgent?: boolean | undefined;
  /** `true` or options of the wait: resolves when the Droplet is active. Default `false`: when it is being created. */
  wait?: boolean | Omit<WaitOptions<Resources['droplet']>, 'throwOnError'> | undefined;
}
