// Where class-transformer stores the declarations of fields. It has no types under this path.
declare module 'class-transformer/cjs/storage' {
  export { defaultMetadataStorage } from 'class-transformer/types/storage';
}
