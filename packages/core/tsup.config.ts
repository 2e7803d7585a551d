import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    ledger: 'src/ledger/index.ts',
    sandbox: 'src/sandbox/index.ts',
    schemas: 'src/schemas.ts',
    testing: 'src/testing/index.ts',
    zod: 'src/zod.ts',
    hand: 'src/transaction/hand-process.ts',
    'module-child': 'src/isolation/module-child.ts',
  },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  dts: {
    entry: {
      index: 'src/index.ts',
      ledger: 'src/ledger/index.ts',
      sandbox: 'src/sandbox/index.ts',
      schemas: 'src/schemas.ts',
      testing: 'src/testing/index.ts',
      zod: 'src/zod.ts',
    },
  },
  noExternal: ['zod'],
  sourcemap: true,
  clean: true,
  splitting: true,
})
