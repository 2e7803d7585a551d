import { defineConfig } from 'tsup'

// The command is read only when it is asked for, with its own copy of what it needs.
export default defineConfig({
  entry: { index: 'src/index.ts', 'report-command': 'src/report-command/command.ts' },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  dts: { entry: { index: 'src/index.ts' } },
  sourcemap: true,
  clean: true,
  splitting: false,
})
