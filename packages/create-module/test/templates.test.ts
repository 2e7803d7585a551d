import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface Json {
  readonly version: string
  readonly engines?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const packages = join(import.meta.dirname, '../..')
const templates = join(import.meta.dirname, '../templates')

test('the templates ask for core and zod as the modules of the house do', async () => {
  const ours = await json(join(packages, 'modules-cpu'))
  const template = await json(join(templates, 'typescript'))
  expect(template.peerDependencies).toEqual(ours.peerDependencies)
  expect(template.engines).toEqual(ours.engines)
})

test('the templates ask for any version of ours that a module may ask for', async () => {
  const range = (await json(join(packages, 'modules-cpu'))).peerDependencies?.['@janus/core']
  for (const template of ['typescript', 'bash']) {
    const { devDependencies = {} } = await json(join(templates, template))
    const ours = Object.entries(devDependencies).filter(([name]) => name.startsWith('@janus/'))
    expect(ours.length).toBeGreaterThan(0)
    for (const [name, wanted] of ours) expect(`${name} ${wanted}`).toBe(`${name} ${range}`)
  }
})

test('the tools of the templates are of the versions that we use ourselves', async () => {
  const root = await json(join(packages, '..'))
  const core = await json(join(packages, 'core'))
  const ours: Readonly<Record<string, string>> = { ...root.devDependencies, ...core.devDependencies }
  for (const template of ['typescript', 'bash']) {
    const { devDependencies = {} } = await json(join(templates, template))
    for (const [name, wanted] of Object.entries(devDependencies)) {
      if (!name.startsWith('@janus/')) expect(`${name} ${wanted}`).toBe(`${name} ^${ours[name]}`)
    }
  }
})

test('the bash template has the logging library of core, byte for byte', async () => {
  const [ours, theirs] = await Promise.all(
    [join(packages, 'core/lib/janus-log.sh'), join(templates, 'bash/lib/janus-log.sh')].map((file) => readFile(file)),
  )
  expect(theirs?.equals(ours ?? Buffer.alloc(0))).toBe(true)
})

test('the bash template states the version of its package', async () => {
  const module = await readFile(join(templates, 'bash/modules/__type__/__id__.sh'), 'utf8')
  expect(module).toContain(`JANUS_MODULE_VERSION="${(await json(join(templates, 'bash'))).version}"`)
})

async function json(folder: string): Promise<Json> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Json
}
