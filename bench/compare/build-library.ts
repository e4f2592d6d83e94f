import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..', '..');
const LIB = join(ROOT, 'lib');

/**
 * Compiles the library into a folder, without checking its types, and with its packages beside it.
 * @param replaced other contents of files, by their path in lib
 * @returns the folder to load it from
 */
export function buildLibrary(folder: string, replaced: Readonly<Record<string, string>> = {}): string {
  const paths = readdirSync(LIB, { recursive: true, encoding: 'utf8' });
  for (const path of paths.filter((one) => one.endsWith('.ts') && !one.endsWith('.d.ts'))) {
    const source = replaced[path] ?? readFileSync(join(LIB, path), 'utf8');
    const file = join(folder, 'dist', path.replace(/\.ts$/, '.js'));
    const compilerOptions = {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
      experimentalDecorators: true,
      useDefineForClassFields: true,
    };
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, ts.transpileModule(source, { compilerOptions }).outputText);
  }
  for (const name of ['node_modules', 'package.json']) symlinkSync(join(ROOT, name), join(folder, name));
  return join(folder, 'dist');
}
