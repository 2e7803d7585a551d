import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { shortestDurations } from './interleaved.js'
import { runJanus } from './run-janus.js'
import type { BenchRow } from './table.js'

const SIZES = [10, 1_000]
/** Of so many packages, one brings a module, as in a project that uses a few. */
const ONE_IN = 10

/**
 * What it costs to look for modules in a project that depends on many packages: `module list` there, start-up taken off.
 */
export async function benchDiscovery(
  folder: string,
  rounds: number,
  env: Readonly<Record<string, string>>,
): Promise<readonly BenchRow[]> {
  const project = (size: number): string => join(folder, `project-${size}`)
  for (const size of [0, ...SIZES]) await writeProject(project(size), size)
  const contenders = [0, ...SIZES].map((size) => ({
    name: String(size),
    run: () => runJanus(['module', 'list', '--json'], env, project(size)),
  }))
  const shortest = await shortestDurations(contenders, rounds)
  return SIZES.map((size) => {
    const duration = (shortest.get(String(size)) ?? Number.NaN) - (shortest.get('0') ?? 0)
    return {
      what: `janus module list, ${size} packages, ${Math.ceil(size / ONE_IN)} with a module`,
      value: `${duration.toFixed(0)} ms`,
      against: `${((duration / size) * 1000).toFixed(0)} µs each`,
    }
  })
}

async function writeProject(folder: string, size: number): Promise<void> {
  const names = Array.from({ length: size }, (_, index) => `package-${index}`)
  await mkdir(folder, { recursive: true })
  const dependencies = Object.fromEntries(names.map((name) => [name, '1.0.0']))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'project', dependencies }))
  for (const [index, name] of names.entries()) {
    const directory = join(folder, 'node_modules', name)
    const modules = [{ id: `module-${index}`, type: 'host', entry: './module.js' }]
    const manifest = index % ONE_IN === 0 ? { janus: { api: 1, modules } } : {}
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...manifest }))
  }
}
