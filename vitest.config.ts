import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const packages = fileURLToPath(new URL('./packages', import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@janus\/([^/]+)$/, replacement: `${packages}/$1/src/index.ts` },
      {
        find: /^@janus\/core\/(boot|config-text|ledger|sandbox|state)$/,
        replacement: `${packages}/core/src/$1/index.ts`,
      },
      {
        find: /^@janus\/core\/pci-address$/,
        replacement: `${packages}/core/src/contract/pci-address-schema.ts`,
      },
      { find: /^@janus\/core\/(commands|schemas|zod)$/, replacement: `${packages}/core/src/$1.ts` },
      { find: /^@janus\/([^/]+)\/testing$/, replacement: `${packages}/$1/src/testing/index.ts` },
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'integration/*.test.ts', 'test/**/*.test.ts', 'lab/test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    maxConcurrency: 2,
    // `npm test` asks for it, and prints it by package.
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      reporter: ['json-summary'],
      reportOnFailure: true,
    },
  },
})
