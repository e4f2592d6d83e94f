// The parts of class-transformer that declare fields. They have no types under these paths.
// The whole package takes four times as long to load.
declare module 'class-transformer/cjs/decorators/expose.decorator' {
  export { Expose } from 'class-transformer';
}

declare module 'class-transformer/cjs/decorators/transform.decorator' {
  export { Transform } from 'class-transformer';
}

declare module 'proxy-from-env' {
  /** The proxy for a URL by the environment variables; `''` for none. */
  export function getProxyForUrl(url: string): string;
}
