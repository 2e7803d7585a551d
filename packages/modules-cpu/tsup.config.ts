import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'cpu-virtualization': 'src/cpu-virtualization/module.ts',
    'cpu-hugepages': 'src/cpu-hugepages/module.ts',
    'host-tools': 'src/host-tools/module.ts',
  },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  dts: { entry: { index: 'src/index.ts' } },
  sourcemap: true,
  clean: true,
  splitting: true,
})
