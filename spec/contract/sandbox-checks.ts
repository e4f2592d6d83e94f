import assert from 'node:assert/strict';
import { runForeignClients } from './foreign-clients';
import { checkSandbox } from './sandbox';
import { compareWithPrism } from './sandbox-against-prism';
import { runTestingExamples } from './testing-examples';

/** A name, and what says more about it or fails. */
type Check = [name: string, run: () => Promise<string>];

/**
 * The sandbox against the OpenAPI file, against Prism, under other people's clients, and under other test runners.
 * @param prism where a Prism mocks the document
 */
export async function sandboxChecks(document: object, prism: string): Promise<Check[]> {
  const clients = await runForeignClients();
  const examples = await runTestingExamples();
  return [
    [
      'the sandbox answers as the file says',
      async () => {
        const { answers, problems, contradictions } = await checkSandbox(document);
        assert.deepEqual(problems, []);
        return `${answers} answers; known contradictions: ${[...contradictions.keys()].join(', ')}`;
      },
    ],
    [
      'the sandbox answers as Prism does',
      async () => {
        const { answers, differences, reasons } = await compareWithPrism(document, prism);
        assert.deepEqual(differences, []);
        return `${answers} pairs; ${[...reasons.keys()].join('; ')}`;
      },
    ],
    ...clients.map(({ name, problems, defects }): Check => [
      `${name} gets along with the sandbox`,
      () => {
        assert.deepEqual(problems, []);
        return Promise.resolve(defects.length > 0 ? `its own defects: ${defects.join('; ')}` : 'no defects');
      },
    ]),
    ...examples.map(({ runner, problem }): Check => [
      `docs/testing.md runs under ${runner}`,
      () => {
        assert.equal(problem, null);
        return Promise.resolve('its example passes');
      },
    ]),
  ];
}
