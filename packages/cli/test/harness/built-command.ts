import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { command } from '../../tsup.config.js'

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))

/** The command, built into a folder of its own beside a stand-in for core. */
export interface BuiltCommand {
  /** Path of its launcher. */
  readonly bin: string
  readonly folder: string
  remove(): Promise<void>
}

/** Builds the command from the sources, as the package would be installed. */
export async function buildCommand({ core = true } = {}): Promise<BuiltCommand> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-cli-test-'))
  const common = { config: false, silent: true, format: 'esm', target: 'node20', platform: 'node', dts: false } as const
  await build({
    ...command,
    ...common,
    sourcemap: false,
    entry: { bin: join(PACKAGE, 'src/bin.ts') },
    outDir: join(folder, 'dist'),
  })
  for (const part of ['bin', 'completion', 'package.json'])
    await cp(join(PACKAGE, part), join(folder, part), { recursive: true })
  if (core) {
    const home = join(folder, 'node_modules/@janus/core')
    await mkdir(home, { recursive: true })
    const packageJson = {
      name: '@janus/core',
      version: '9.9.9',
      type: 'module',
      exports: { '.': './dist/index.js', './package.json': './package.json' },
    }
    await writeFile(join(home, 'package.json'), JSON.stringify(packageJson))
    const entry = { index: join(PACKAGE, 'test/fixtures/core/index.ts') }
    await build({ ...common, entry, outDir: join(home, 'dist'), noExternal: [/.*/] })
  }
  return { bin: join(folder, 'bin/janus.js'), folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
