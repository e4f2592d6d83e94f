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
  /** Ids or fingerprints of keys of the account; default: none, and DigitalOcean sends a password by e-mail. */
  sshKeys?: readonly (number | string)[] | undefined;
  /** Whether backups are taken, which cost extra; default `false`. */
  backups?: boolean | undefined;
  /** Whether it has a public IPv6 address; default `false`. */
  ipv6?: boolean | undefined;
  /** Whether DigitalOcean's agent for metrics is installed; default `false`. */
  monitoring?: boolean | undefined;
  /** Names of tags, which are created where they do not exist; default: none. */
  tags?: readonly string[] | undefined;
  /** Text for cloud-init, at most 64 KiB; default: none. */
  userData?: string | undefined;
  /** Ids of volumes in the region, which are attached; default: none. */
  volumes?: readonly string[] | undefined;
  /** The UUID of a VPC network in the region; default: the default one of the region. */
  vpcUuid?: string | undefined;
  /** `true`: fails when the agent for the console in the browser cannot be installed; `false`: without it. Default: with it where it can be. */
  withDropletAgent?: boolean | undefined;
  /** `true` or options of the wait: resolves when the Droplet is active. Default `false`: when it is being created. */
  wait?: boolean | Omit<WaitOptions<Resources['droplet']>, 'throwOnError'> | undefined;
}
