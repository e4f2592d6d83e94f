import type { RegionJson } from './api-json';

/** Regions of the default world, as the API lists them. */
const REGIONS: readonly (readonly [slug: string, name: string])[] = [
  ['nyc1', 'New York 1'],
  ['sgp1', 'Singapore 1'],
  ['lon1', 'London 1'],
  ['nyc3', 'New York 3'],
  ['ams3', 'Amsterdam 3'],
  ['fra1', 'Frankfurt 1'],
  ['tor1', 'Toronto 1'],
  ['sfo2', 'San Francisco 2'],
  ['blr1', 'Bangalore 1'],
  ['sfo3', 'San Francisco 3'],
  ['syd1', 'Sydney 1'],
  ['nyc2', 'New York 2'],
  ['ams2', 'Amsterdam 2'],
  ['sfo1', 'San Francisco 1'],
];

/** Regions without new Droplets. Images can be transferred to them all the same. */
const UNAVAILABLE = new Set(['nyc2', 'ams2', 'sfo1']);

/** The region with this slug. An unknown one is named after its slug. */
export function regionOf(slug: string): RegionJson {
  return {
    name: REGIONS.find(([known]) => known === slug)?.[1] ?? slug.toUpperCase(),
    slug,
    features: ['backups', 'ipv6', 'metadata', 'install_agent', 'storage', 'image_transfer'],
    available: !UNAVAILABLE.has(slug),
    sizes: ['s-1vcpu-1gb', 's-1vcpu-2gb', 's-2vcpu-2gb', 's-2vcpu-4gb', 's-4vcpu-8gb', 's-8vcpu-16gb'],
  };
}

/** The regions of the default world. */
export function allRegions(): RegionJson[] {
  return REGIONS.map(([slug]) => regionOf(slug));
}

/** A public image: its distribution, name and slug. */
export type PublicImage = readonly [distribution: string, name: string, slug: string];

/** The images of `?type=distribution`. */
export const DISTRIBUTIONS: readonly PublicImage[] = [
  ['Ubuntu', '24.04 (LTS) x64', 'ubuntu-24-04-x64'],
  ['Ubuntu', '22.04 (LTS) x64', 'ubuntu-22-04-x64'],
  ['Debian', '13 x64', 'debian-13-x64'],
  ['Debian', '12 x64', 'debian-12-x64'],
  ['Fedora', '42 x64', 'fedora-42-x64'],
  ['Fedora', '41 x64', 'fedora-41-x64'],
  ['CentOS', '9 Stream x64', 'centos-stream-9-x64'],
  ['CentOS', '10 Stream x64', 'centos-stream-10-x64'],
  ['Rocky Linux', '9 x64', 'rockylinux-9-x64'],
  ['Rocky Linux', '8 x64', 'rockylinux-8-x64'],
  ['FreeBSD', '14 zfs x64', 'freebsd-14-x64-zfs'],
  ['Ubuntu', '25.04 x64', 'ubuntu-25-04-x64'],
];

/** The images of `?type=application`. */
export const APPLICATIONS: readonly PublicImage[] = [
  ['Ubuntu', 'Docker on Ubuntu 22.04', 'docker-20-04'],
  ['Ubuntu', 'WordPress on Ubuntu 22.04', 'wordpress-20-04'],
  ['Ubuntu', 'LAMP on Ubuntu 22.04', 'lamp-20-04'],
  ['Ubuntu', 'LEMP on Ubuntu 22.04', 'lemp-20-04'],
  ['Ubuntu', 'NodeJS on Ubuntu 22.04', 'nodejs-20-04'],
  ['Ubuntu', 'MySQL on Ubuntu 22.04', 'mysql-20-04'],
  ['Ubuntu', 'MongoDB 7.0 on Ubuntu 22.04', 'mongodb-20-04'],
  ['Ubuntu', 'Discourse on Ubuntu 22.04', 'discourse-20-04'],
  ['Ubuntu', 'Ghost on Ubuntu 22.04', 'ghost-20-04'],
  ['Ubuntu', 'Dokku on Ubuntu 22.04', 'dokku-20-04'],
  ['Debian', 'OpenVPN on Debian 12', 'openvpn-18-04'],
  ['Ubuntu', 'Mastodon on Ubuntu 22.04', 'mastodon-20-04'],
];
