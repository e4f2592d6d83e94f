import assert from 'node:assert/strict';
import { runForeignClients } from './foreign-clients';
import { checkSandbox } from './sandbox';
import { compareWithPrism } from './sandbox-against-prism';
import { runTestingExamples } from './testing-examples';

/** A name, and a check that returns details or throws. */
type Check = [name: string, run: () => Promise<string>];

/**
 * Checks the sandbox against the OpenAPI file and Prism, with other clients and with other test runners.
 * @param prism the URL of a Prism that mocks the document
 */
export async function sandboxChecks(document: object, prism: string): Promise<Check[]> {
  const clients = await runForeignClients();
  const examples = await runTestingExamples();
  return [
    [
      'the sandbox responds as the file says',
      async () => {
        const { responses, problems, contradictions } = await checkSandbox(document);
        assert.deepEqual(problems, []);
        return `${responses} responses; known contradictions: ${[...contradictions.keys()].join(', ')}`;
      },
    ],
    [
      'the sandbox responds as Prism does',
      async () => {
        const { responses, differences, reasons } = await compareWithPrism(document, prism);
        assert.deepEqual(differences, []);
        return `${responses} pairs; ${[...reasons.keys()].join('; ')}`;
      },
    ],
    ...clients.map(({ name, problems, defects }): Check => [
      `${name} works with the sandbox`,
      () => {
        assert.deepEqual(problems, []);
        return Promise.resolve(defects.length > 0 ? `known defects: ${defects.join('; ')}` : 'no defects');
      },
    ]),
    ...examples.map(({ runner, problem }): Check => [
      `docs/testing.md works with ${runner}`,
      () => {
        assert.equal(problem, null);
        return Promise.resolve('its example passes');
      },
    ]),
  ];
}
