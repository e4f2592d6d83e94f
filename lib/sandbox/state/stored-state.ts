import { checkList, checkValue, defineCheck, is, isId, type Check } from '../../util/validate';

type Test = (value: unknown) => boolean;

const has =
  (fields: Readonly<Record<string, Test>>): Test =>
  (value) =>
    is.object.test(value) &&
    Object.entries(fields).every(([field, test]) => Object.hasOwn(value, field) && test(value[field]));

const isMoment: Test = (value) => value === null || Number.isFinite(value);
const isList: Test = is.listOf(is.string).test;

/** What a world relies on in each record of its state. */
const RECORDS: Readonly<Record<string, Test>> = {
  images: has({
    json: has({ id: isId, name: is.string.test, regions: isList, tags: isList }),
    since: isMoment,
    goneSince: isMoment,
  }),
  actions: has({ json: has({ id: isId, type: is.string.test, status: is.string.test }), since: isMoment }),
  droplets: has({ json: has({ id: isId, name: is.string.test }), since: isMoment, goneSince: isMoment }),
  regions: has({ slug: is.string.test }),
  tags: has({ name: is.string.test }),
  volumeSnapshots: has({ id: is.string.test }),
  accountTransfers: has({ id: isId, imageId: isId }),
  events: has({ due: Number.isFinite, event: has({ do: is.string.test }) }),
};

/** And in what is no list. */
const PARTS: Readonly<Record<string, Test>> = {
  account: has({}),
  nextId: has({ image: isId, action: isId, droplet: isId, transfer: isId }),
};

const storedAs = (test: Test): Check => defineCheck('what snapshot() has there', test);

/** Checks a state that was stored as JSON. @throws TypeError that names the part that is none */
export function checkStoredState(name: string, state: object): void {
  const parts = new Map<string, unknown>(Object.entries(state));
  for (const [part, test] of Object.entries(RECORDS)) {
    const record = storedAs(test);
    checkList(`${name}.${part}`, parts.get(part), (path, value) => checkValue(path, value, record));
  }
  for (const [part, test] of Object.entries(PARTS))
    checkValue(`${name}.${part}`, parts.get(part), storedAs(test));
}
