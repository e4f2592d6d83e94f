/** An image in the API's JSON. */
export interface ImageJson {
  id: number;
  name: string;
  type: string;
  distribution: string;
  slug: string | null;
  public: boolean;
  regions: string[];
  created_at: string;
  min_disk_size: number | null;
  size_gigabytes: number | null;
  description: string;
  tags: string[];
  status: string;
  error_message: string;
}

/** An action in the API's JSON. */
export interface ActionJson {
  id: number;
  status: string;
  type: string;
  started_at: string;
  completed_at: string | null;
  resource_id: number | null;
  resource_type: string;
  region: RegionJson | null;
  region_slug: string | null;
}

/** A region in the API's JSON. */
export interface RegionJson {
  name: string;
  slug: string;
  features: string[];
  available: boolean;
  sizes: string[];
}

/** A snapshot of a Droplet (its id is that of the image, as text) or of a volume. */
export interface SnapshotJson {
  id: string;
  name: string;
  created_at: string;
  regions: string[];
  min_disk_size: number;
  size_gigabytes: number;
  resource_id: string;
  resource_type: 'droplet' | 'volume';
  tags: string[];
}

/** A disk of a Droplet or a size in the API's JSON. */
export interface DiskJson {
  type: 'local';
  size: { amount: number; unit: 'gib' };
}

/** A size of Droplets in the API's JSON. */
export interface SizeJson {
  slug: string;
  memory: number;
  vcpus: number;
  disk: number;
  disk_info: DiskJson[];
  transfer: number;
  price_monthly: number;
  price_hourly: number;
  regions: string[];
  available: boolean;
  description: string;
}

/** An address of a Droplet in the API's JSON. */
export interface AddressJson {
  ip_address: string;
  netmask: string | number;
  gateway: string;
  type: 'public' | 'private';
}

/** A Droplet in the API's JSON. */
export interface DropletJson {
  id: number;
  name: string;
  memory: number;
  vcpus: number;
  disk: number;
  disk_info: DiskJson[];
  locked: boolean;
  status: 'new' | 'active' | 'off' | 'archive';
  kernel: null;
  created_at: string;
  features: string[];
  backup_ids: number[];
  next_backup_window: { start: string; end: string } | null;
  snapshot_ids: number[];
  image: ImageJson;
  volume_ids: string[];
  size: SizeJson;
  size_slug: string;
  networks: { v4: AddressJson[]; v6: AddressJson[] };
  region: RegionJson;
  tags: string[];
  vpc_uuid: string;
}

/** The account in the API's JSON. */
export interface AccountJson {
  droplet_limit: number;
  floating_ip_limit: number;
  reserved_ip_limit: number;
  volume_limit: number;
  email: string;
  name: string;
  uuid: string;
  email_verified: boolean;
  status: 'active' | 'warning' | 'locked';
  status_message: string;
  team: { uuid: string; name: string };
}
