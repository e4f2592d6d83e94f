import type { Service } from 'ts-node';
import { importedNames, withoutKnownImports, withoutNamesOf } from './redeclaration';

/** The lines so far, as ts-node keeps them: it compiles all of them, and runs what differs from the last output. */
export interface CompiledLines {
  readonly path: string;
  input: string;
  output: string;
}

/**
 * Adds a line, which may declare again what earlier ones and the session have declared. What has run does not run again. If the
 * line does not compile, the lines stay as they were.
 * @param run compiles and runs the line with ts-node
 */
export function addLine(
  service: Service,
  lines: CompiledLines,
  code: string,
  run: (code: string) => void,
): void {
  const ts = service.ts as typeof import('typescript');
  const { input, output } = lines;
  const line = withoutKnownImports(ts, code, input);
  const others = withoutNamesOf(ts, line, input);
  if (others !== input) {
    try {
      // As ts-node keeps an output.
      const compiled = service.compile(others, lines.path).replace(/^"use strict";/, '$& void 0;');
      Object.assign(lines, { input: others, output: compiled });
    } catch {
      // A name is then declared twice, and the compiler says so.
    }
  }
  const { input: before } = lines;
  run(withImportsUsed(service, lines, line));
  // ts-node has not added the line.
  if (lines.input === before) Object.assign(lines, { input, output });
}

/**
 * The line with a use of each value that it imports. The compiler leaves out an import without one; a later use would add it, and
 * may give the modules of lines that have run other names.
 */
function withImportsUsed(service: Service, { input, path }: CompiledLines, line: string): string {
  const names = importedNames(service.ts as typeof import('typescript'), line);
  if (names.length === 0) return line;
  const using = (names: readonly string[]): string => `${line}void [${names.join(', ')}];\n`;
  // A type has no value.
  const isValue = (...names: string[]): boolean => {
    try {
      service.compile(input + using(names), path);
      return true;
    } catch {
      return false;
    }
  };
  const values = isValue(...names) ? names : names.filter((name) => isValue(name));
  return values.length === 0 ? line : using(values);
}
