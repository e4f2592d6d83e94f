/** An environment variable, trimmed; `undefined` when it is unset or empty. */
export function envVariable(name: string): string | undefined {
  const value = process.env[name]?.trim();
  return value === '' ? undefined : value;
}
