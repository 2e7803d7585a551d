import { execFile } from 'node:child_process'
import { access, chmod, chown, cp, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NOBODY } from './corpus-tree.js'

const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '')
const YARN = join(REPOSITORY, 'node_modules/@yarnpkg/cli-dist')
const isReady = await Promise.all([access('/usr/bin/bwrap'), access(YARN)]).then(
  () => true,
  () => false,
)
const MODULE = `
  import { defineModule } from '@janus/core'
  import * as z from '@janus/core/zod'
  export default defineModule({
    metadata: { type: 'host', id: 'fan', version: '1.0.0', compatApi: 1, summary: 'from an archive' },
    options: z.strictObject({}),
    check: async () => [{ id: 'process', status: 'ok', summary: import.meta.url }],
  })`
const PROGRAM = `
  import { createJanus, createSnapshotHost } from '@janus/core'
  const snapshot = { schema: 'janus.snapshot/1', capturedAt: '', janusVersion: '', masked: false, entries: {}, queries: {} }
  const sources = [{ kind: 'named', name: 'fan', from: process.cwd(), isolation: process.argv[2] }]
  const janus = createJanus({ host: createSnapshotHost(snapshot), sources })
  process.stdout.write(JSON.stringify(await janus.check()))`
let root = ''

describe.skipIf(!isReady)('a module in a Plug\u2019n\u2019Play project', () => {
  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'janus-pnp-')))
    await chmod(root, 0o755)
    await cp(join(YARN, 'bin/yarn.js'), join(root, 'yarn.cjs'))
    await packed('core', { from: join(REPOSITORY, 'packages/core') })
    await mkdir(join(root, 'fan'))
    const janus = { api: 1, modules: [{ id: 'fan', type: 'host', entry: './module.js' }] }
    const fan = { name: 'fan', version: '1.0.0', type: 'module', janus, peerDependencies: { '@janus/core': '*' } }
    await writeFile(join(root, 'fan/package.json'), JSON.stringify(fan))
    await writeFile(join(root, 'fan/module.js'), MODULE)
    await packed('fan', { from: join(root, 'fan') })
    const linked = ['canonicalize', 'eventemitter3', 'execa', 'pino', 'yaml', 'zod']
    for (const name of linked.slice(0, 2))
      await cp(join(REPOSITORY, 'node_modules', name), join(root, 'linked', name), { recursive: true })
    for (const name of linked.slice(2)) {
      await mkdir(join(root, 'linked', name), { recursive: true })
      await writeFile(join(root, 'linked', name, 'package.json'), JSON.stringify({ name, version: '9.6.1' }))
    }
    const project = {
      name: 'project',
      private: true,
      type: 'module',
      dependencies: { '@janus/core': 'file:./core.tgz', fan: 'file:./fan.tgz', zod: 'link:./linked/zod' },
      resolutions: Object.fromEntries(linked.map((name) => [name, `link:${root}/linked/${name}`])),
    }
    await writeFile(join(root, 'package.json'), JSON.stringify(project))
    await writeFile(join(root, '.yarnrc.yml'), 'enableTelemetry: false\nenableGlobalCache: false\nnodeLinker: pnp\n')
    await writeFile(join(root, 'yarn.lock'), '')
    await writeFile(join(root, 'program.mjs'), PROGRAM)
    await promisify(execFile)(process.execPath, ['yarn.cjs', 'install'], { cwd: root, env: environment() })
    await giveAway()
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  test.each(['subprocess', 'sandbox'])('runs in %s isolation, out of its archive', async (isolation) => {
    const args = ['yarn.cjs', 'node', 'program.mjs', isolation]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env: environment(), ...NOBODY })
    const report = JSON.parse(stdout) as { modules: { findings: { summary: string }[] }[]; diagnostics: unknown[] }
    expect(report.diagnostics).toEqual([])
    expect(report.modules[0]?.findings[0]?.summary).toContain('.zip/node_modules/fan/module.js')
  })
})

function environment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: root }
}

async function packed(name: string, { from }: { readonly from: string }): Promise<void> {
  const into = join(root, `packed-${name}`)
  await mkdir(into)
  await promisify(execFile)('npm', ['pack', '--ignore-scripts', '--pack-destination', into], { cwd: from })
  const [file = ''] = await readdir(into)
  await cp(join(into, file), join(root, `${name}.tgz`))
}

async function giveAway(): Promise<void> {
  if (NOBODY === undefined) return
  const entries = await readdir(root, { recursive: true })
  for (const path of ['', ...entries]) await chown(join(root, path), NOBODY.uid, NOBODY.gid).catch(() => undefined)
}
