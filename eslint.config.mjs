import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What fake timers replace. The library has its own, bound when it is loaded. */
const FAKEABLE = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
];

export default defineConfig(
  { ignores: ['dist', 'coverage', 'docs/api', 'node_modules'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/only-throw-error': [
        'error',
        {
          allow: [
            { from: 'file', name: ['Passthrough', 'RetryRequest'], path: 'lib/http/attempt-outcome.ts' },
          ],
        },
      ],
    },
  },
  {
    files: ['lib/**/*.ts'],
    // A session of the REPL is a process of its own.
    ignores: ['lib/repl/**', 'lib/util/machine-timers.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...[...FAKEABLE, 'queueMicrotask', 'performance'].map((name) => ({
          name,
          message: 'Import it from util/machine-timers.',
        })),
      ],
      'no-restricted-imports': [
        'error',
        { paths: ['timers', 'timers/promises', 'node:timers', 'node:timers/promises', 'node:perf_hooks'] },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: ':matches(NewExpression > .callee, MemberExpression > .object)[name="Date"]',
          message: 'Import MachineDate from util/machine-timers.',
        },
        {
          selector: 'BinaryExpression[operator="instanceof"] > .right[name="Date"]',
          message: 'Import MachineDate from util/machine-timers.',
        },
        {
          selector: 'MemberExpression[object.name="process"][property.name="nextTick"]',
          message: 'A test may have faked it.',
        },
      ],
    },
  },
);
