import { defineConfig } from 'tsup'

// One file for all its modules: at start-up, a file costs more than what is in it. The command is another, with its own
// copy of what it needs, and read only when it is asked for.
export default defineConfig({
  entry: { index: 'src/index.ts', 'topology-command': 'src/topology-command/command.ts' },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  dts: { entry: { index: 'src/index.ts' } },
  sourcemap: true,
  clean: true,
  splitting: false,
})
