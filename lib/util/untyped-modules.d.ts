// Parts of class-transformer, which have no types of their own under these paths: what declares fields, and what holds
// the declarations. The whole of it takes four times as long to load, and nothing here needs it.
declare module 'class-transformer/cjs/storage' {
  export { defaultMetadataStorage } from 'class-transformer/types/storage';
}

declare module 'class-transformer/cjs/decorators/expose.decorator' {
  export { Expose } from 'class-transformer';
}

declare module 'class-transformer/cjs/decorators/transform.decorator' {
  export { Transform } from 'class-transformer';
}

declare module 'class-transformer/cjs/enums/transformation-type.enum' {
  export { TransformationType } from 'class-transformer';
}

// The build without axios's own adapters for Node, which are never used here and take as long to load as all the rest.
declare module 'axios/dist/browser/axios.cjs' {
  export { default } from 'axios';
}

declare module 'proxy-from-env' {
  /** The proxy that the environment names for a URL; `''` for none. */
  export function getProxyForUrl(url: string): string;
}
