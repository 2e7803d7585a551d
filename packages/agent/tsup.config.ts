import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    command: 'src/commands/command.ts',
    install: 'src/install/module.ts',
    doctor: 'src/doctor/check.ts',
    ubos: 'src/ubos/main.ts',
    supervisor: 'src/stop/supervisor/main.ts',
  },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  dts: { entry: { index: 'src/index.ts' } },
  sourcemap: true,
  clean: true,
  splitting: true,
})
