// The one place that holds class-transformer's metadata has no types of its own under this path.
declare module 'class-transformer/cjs/storage' {
  export { defaultMetadataStorage } from 'class-transformer/types/storage';
}

declare module 'proxy-from-env' {
  /** The proxy that the environment names for a URL; `''` for none. */
  export function getProxyForUrl(url: string): string;
}
