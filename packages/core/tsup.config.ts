import { defineConfig, type Options } from 'tsup'
import { bundleTogether } from './bundle.js'

const common: Options = { format: ['esm'], target: 'node20', platform: 'node', sourcemap: true }

/** One program may load several of these: bundle.ts makes the files that they share. */
const together = {
  index: 'src/index.ts',
  boot: 'src/boot/index.ts',
  'config-text': 'src/config-text/index.ts',
  ledger: 'src/ledger/index.ts',
  sandbox: 'src/sandbox/index.ts',
  schemas: 'src/schemas.ts',
  state: 'src/state/index.ts',
  testing: 'src/testing/index.ts',
}

/** Small, and loaded where the rest is not: each is one file, with copies of what it needs. */
const alone = { commands: 'src/commands.ts', 'pci-address': 'src/contract/pci-address-schema.ts' }

export default defineConfig([
  // zod is built by itself, because it alone is minified: half of what a check spends on it is the reading.
  { ...common, entry: { zod: 'src/zod.ts' }, noExternal: ['zod'], minify: true },
  {
    ...common,
    entry: { ...alone, hand: 'src/transaction/hand-process.ts' },
    dts: { entry: { ...together, ...alone, zod: 'src/zod.ts' } },
    splitting: false,
    clean: ['!zod.js', '!zod.js.map'],
    onSuccess: () => bundleTogether({ ...together, 'module-child': 'src/isolation/module-child.ts' }),
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
