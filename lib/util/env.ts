/** An environment variable, trimmed; `undefined` when it is unset or empty. `process.env` inherits from Object.prototype. */
export function envVariable(name: string): string | undefined {
  const value = Object.hasOwn(process.env, name) ? process.env[name]?.trim() : undefined;
  return value === '' ? undefined : value;
}
