import { type JsonObject, Mismatch } from './model/fields';
import { formatDate, parseDate } from './model/dates';

/** An address of a Droplet. */
export interface NetworkInterface {
  /** Such as `203.0.113.7` or `2001:db8::1`. */
  readonly ipAddress: string;
  /** Of IPv4 such as `255.255.240.0`; of IPv6 the length of the prefix; `null` when the API does not say. */
  readonly netmask: string | number | null;
  /** `null`: none. */
  readonly gateway: string | null;
  /** `private`: only within the VPC network. */
  readonly type: 'public' | 'private' | (string & {});
}

/** The addresses of a Droplet. A new Droplet has none yet. */
export interface Networks {
  /** Of IPv4, public and private. */
  readonly v4: readonly NetworkInterface[];
  /** Of IPv6; empty unless it was enabled. */
  readonly v6: readonly NetworkInterface[];
}

/** When the next backup of a Droplet is taken. */
export interface BackupWindow {
  /** The earliest moment. */
  readonly start: Date;
  /** The latest moment. */
  readonly end: Date;
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readText(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value === 'string') return value;
  throw new Mismatch(name, 'a string', value);
}

/** The API writes no gateway in three ways: absent, `null` and `"nil"`. */
function readGateway({ gateway }: JsonObject): string | null {
  return typeof gateway === 'string' && gateway !== 'nil' && gateway !== '' ? gateway : null;
}

function readInterface(value: unknown): NetworkInterface {
  if (!isJsonObject(value)) throw new Mismatch('', 'an object', value);
  const { netmask } = value;
  return Object.freeze({
    ipAddress: readText(value, 'ip_address'),
    netmask: typeof netmask === 'string' || typeof netmask === 'number' ? netmask : null,
    gateway: readGateway(value),
    type: readText(value, 'type'),
  });
}

function readInterfaces(networks: JsonObject, version: string): readonly NetworkInterface[] {
  const list = networks[version] ?? [];
  if (!Array.isArray(list)) throw new Mismatch(version, 'an array of addresses', list);
  return Object.freeze(
    list.map((item: unknown, at) => {
      try {
        return readInterface(item);
      } catch (error) {
        throw error instanceof Mismatch ? error.within(`${version}[${at}]`) : error;
      }
    }),
  );
}

const NO_NETWORKS: Networks = Object.freeze({ v4: Object.freeze([]), v6: Object.freeze([]) });

/** The codec of `networks`. */
export const networks = {
  read(value: unknown): Networks {
    if (value === undefined || value === null) return NO_NETWORKS;
    if (!isJsonObject(value)) throw new Mismatch('', 'an object', value);
    return Object.freeze({ v4: readInterfaces(value, 'v4'), v6: readInterfaces(value, 'v6') });
  },
  write(value: unknown): unknown {
    const toJson = ({ ipAddress, ...more }: NetworkInterface): object => ({ ip_address: ipAddress, ...more });
    const { v4, v6 } = value as Networks;
    return { v4: v4.map(toJson), v6: v6.map(toJson) };
  },
};

function readWindowDate(window: JsonObject, name: string): Date {
  const value = window[name];
  const date = typeof value === 'string' ? parseDate(value) : null;
  if (!date) throw new Mismatch(name, 'a date like 2026-01-31T12:00:00Z', value);
  return date;
}

/** The codec of `next_backup_window`. */
export const backupWindow = {
  read(value: unknown): BackupWindow | null {
    if (value === undefined || value === null) return null;
    if (!isJsonObject(value)) throw new Mismatch('', 'an object', value);
    return Object.freeze({ start: readWindowDate(value, 'start'), end: readWindowDate(value, 'end') });
  },
  write(value: unknown): unknown {
    const window = value as BackupWindow | null;
    return window && { start: formatDate(window.start), end: formatDate(window.end) };
  },
};

/** The first address of this type; `null` when there is none. */
export function addressOf(
  interfaces: readonly NetworkInterface[],
  type: 'public' | 'private',
): string | null {
  return interfaces.find((one) => one.type === type)?.ipAddress ?? null;
}
