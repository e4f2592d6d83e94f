/**
 * Runs `work`, which must be synchronous, while those of the globals `names` are `undefined` that nothing has asked for yet. For code
 * of others that asks whether they exist and does not use them: Node makes some globals when they are asked for, by loading megabytes
 * of code. Node 20 does so with getters; later versions make them for code that looks at all, and this changes nothing.
 */
export function leavingUnmade<T>(names: readonly string[], work: () => T): T {
  const hidden = names.flatMap((name) => {
    const property = Object.getOwnPropertyDescriptor(globalThis, name);
    // One that has a value was made already, by Node or by a test.
    return property?.get && property.configurable ? [[name, property] as const] : [];
  });
  const nothing = { __proto__: null, value: undefined, configurable: true } as PropertyDescriptor;
  for (const [name] of hidden) Object.defineProperty(globalThis, name, nothing);
  try {
    return work();
  } finally {
    for (const [name, property] of hidden) Object.defineProperty(globalThis, name, property);
  }
}
