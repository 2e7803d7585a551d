import { defineConfig, type Options } from 'tsup'

const common: Options = { format: ['esm'], target: 'node20', platform: 'node', sourcemap: true }

// zod is built by itself, because it alone is minified: half of what a check spends on it is the reading.
export default defineConfig([
  { ...common, entry: { zod: 'src/zod.ts' }, noExternal: ['zod'], minify: true },
  {
    ...common,
    entry: {
      index: 'src/index.ts',
      commands: 'src/commands.ts',
      ledger: 'src/ledger/index.ts',
      sandbox: 'src/sandbox/index.ts',
      'pci-address': 'src/contract/pci-address-schema.ts',
      schemas: 'src/schemas.ts',
      testing: 'src/testing/index.ts',
      hand: 'src/transaction/hand-process.ts',
      'module-child': 'src/isolation/module-child.ts',
    },
    dts: {
      entry: {
        index: 'src/index.ts',
        commands: 'src/commands.ts',
        ledger: 'src/ledger/index.ts',
        sandbox: 'src/sandbox/index.ts',
        'pci-address': 'src/contract/pci-address-schema.ts',
        schemas: 'src/schemas.ts',
        testing: 'src/testing/index.ts',
        zod: 'src/zod.ts',
      },
    },
    splitting: true,
    clean: ['!zod.js', '!zod.js.map'],
    esbuildPlugins: [
      {
        name: 'zod-apart',
        setup(build) {
          build.onResolve({ filter: /^\.\.?\/(?:.*\/)?zod\.js$/ }, () => ({ path: './zod.js', external: true }))
        },
      },
    ],
  },
])
