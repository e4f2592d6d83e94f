import { parseArgs, type ParseArgsConfig } from 'node:util';
import { unknownName } from './validate-options';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Parses the arguments of a command.
 * @param options by name, as `parseArgs` of Node takes them
 * @throws TypeError for an option that is unknown, with a suggestion, or invalid
 */
export function parseCommandLine<const T extends Options>(
  argv: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T }>>['values'] {
  const args = [...argv];
  const { tokens } = parseArgs({ args, options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || Object.hasOwn(options, token.name)) continue;
    throw unknownName(
      token.rawName,
      token.name,
      Object.keys(options).map((name) => `--${name}`),
    );
  }
  return parseArgs({ args, options }).values;
}
