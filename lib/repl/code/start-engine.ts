import { type Engine, javascript, UnsupportedTypeScript } from './engine';

/**
 * TypeScript where ts-node and a TypeScript it supports are installed, else JavaScript.
 * @param declarations TypeScript that declares the values in scope
 * @param notice writes why there is no TypeScript
 */
export async function startEngine(
  { js }: { js: boolean },
  declarations: string,
  notice: (text: string) => unknown,
): Promise<Engine> {
  if (js) return javascript;
  try {
    const { typescript } = await import('./typescript');
    return typescript(declarations);
  } catch (error) {
    notice(`JavaScript, since ${reasonOf(error as Error)}: npm install ts-node typescript@6 brings types.`);
    return javascript;
  }
}

function reasonOf(error: Error): string {
  if (error instanceof UnsupportedTypeScript) return error.message;
  const [, missing] =
    /Cannot find module '(ts-node|typescript)(?:\/package\.json)?'/.exec(error.message) ?? [];
  const [firstLine = ''] = error.message.split('\n');
  return missing ? `${missing} is not installed` : `ts-node cannot start (${firstLine})`;
}
