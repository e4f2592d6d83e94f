/** Files in memory, for the examples that read and write some. */
export class Volume {
  private readonly files: Map<string, string>;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.files = new Map(Object.entries(files));
  }

  readonly readFileSync = (path: string): string => {
    const text = this.files.get(path);
    if (text === undefined) throw new Error(`There is no file ${path}.`);
    return text;
  };

  readonly promises = {
    readFile: (path: string): Promise<string> => Promise.resolve(this.readFileSync(path)),
    writeFile: (path: string, text: string): Promise<void> => {
      this.files.set(path, text);
      return Promise.resolve();
    },
  };
}
