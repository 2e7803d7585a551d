import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { interleavedDurations } from '../measuring/interleaved.js'
import { runJanus } from '../measuring/run-janus.js'
import { defineBenchSubject } from '../report/bench-subject.js'

const [FEW, MANY] = [10, 1_000]
/** Of so many packages, one brings a module, as in a project that uses a few. */
const ONE_IN = 10
const CALIBRATION = 'in a project without dependencies'

/** What it costs to look for modules in a project that depends on many packages. */
export const discovery = defineBenchSubject({
  id: 'discovery',
  title: 'Discovery of modules',
  rows: {
    few: { what: 'janus module list, 10 packages, 1 with a module', unit: 'ms', calibration: CALIBRATION },
    many: { what: 'janus module list, 1,000 packages, 100 with a module', unit: 'ms', calibration: CALIBRATION },
  },
  async measure({ folder, quick, env }) {
    const listIn = async (size: number): Promise<() => Promise<void>> => {
      const project = join(folder, `project-${size}`)
      await writeProject(project, size)
      return () => runJanus(['module', 'list', '--json'], env, project)
    }
    const contenders = { none: await listIn(0), few: await listIn(FEW), many: await listIn(MANY) }
    const { shortest } = await interleavedDurations(contenders, quick ? 1 : 3)
    return {
      few: () => ({ value: shortest('few'), calibration: shortest('none') }),
      many: () => ({ value: shortest('many'), calibration: shortest('none') }),
    }
  },
})

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
