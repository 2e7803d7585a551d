import { defineConfig } from 'tsup'

// One file for all its modules: at start-up, a file costs more than what is in it.
export default defineConfig({
  entry: { index: 'src/index.ts' },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  dts: true,
  sourcemap: true,
  clean: true,
  splitting: false,
})
