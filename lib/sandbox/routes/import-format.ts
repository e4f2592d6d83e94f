/** The formats of images that can be imported. A file of the format raw is mostly named `.img`. */
const FORMATS = new Set(['raw', 'img', 'qcow2', 'vhdx', 'vdi', 'vmdk']);
const COMPRESSION = /\.(gz|bz2)$/;
/** At least one letter: `debian-12.5` has no extension. */
const EXTENSION = /\.([a-z0-9]{0,5}[a-z][a-z0-9]{0,5})$/;

/**
 * Whether an image is imported, by the name of its file: the sandbox reads no URL. The API looks at the content of the
 * file and not at its name, so a name without an extension, as in a download link, can be that of any image.
 * @returns the `error_message` of the import; `null` for a format that DigitalOcean takes, or a name without extension
 */
export function formatProblem(url: string): string | null {
  const file = fileName(url);
  const extension = EXTENSION.exec(file.toLowerCase().replace(COMPRESSION, ''))?.[1];
  if (extension === undefined || FORMATS.has(extension)) return null;
  return `The format of ${file} is not supported: expected raw, qcow2, vhdx, vdi or vmdk, plain or compressed with gzip or bzip2.`;
}

/** The last part of the path, decoded where it can be. */
function fileName(url: string): string {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
