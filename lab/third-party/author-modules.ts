import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clients } from '../../scripts/registry/clients.js'

/** A package with one module, as its author published it. */
export interface AuthoredModule {
  readonly id: string
  readonly packageName: string
}

/** What the author changes: the template's own change, and after it a directory and a file that say what was chosen. */
const TEMPLATE_CHANGES =
  "return [{ kind: 'write-attribute', path: PATH, from: mode, value: options.mode, why, scope: 'runtime' }]"
const OWN_CHANGES = `const directory = '/etc/quiet-memory'
    const text = \`mode=\${options.mode}\\n\`
    return [
      { kind: 'write-attribute', path: PATH, from: mode, value: options.mode, why, scope: 'runtime' },
      { kind: 'create-directory', path: directory, mode: 0o755, why: 'a place for what was chosen', scope: 'persistent' },
      { kind: 'write-file', path: \`\${directory}/mode\`, content: { text }, mode: 0o644, why: 'say what was chosen', scope: 'persistent' },
    ]`

/** Makes a module in TypeScript with `npm create @janus/module`, gives it changes of its own, builds, tests and publishes it. */
export async function publishTypeScriptModule(clients: Clients, authors: string): Promise<AuthoredModule> {
  const id = 'quiet-memory'
  await clients.npm(authors, 'create', '--yes', '@janus/module', id, '--', '--type', 'host', '--yes')
  const folder = join(authors, id)
  const path = join(folder, 'src/index.ts')
  const generated = await readFile(path, 'utf8')
  const written = generated.replace(TEMPLATE_CHANGES, () => OWN_CHANGES)
  if (written === generated) throw new Error('the TypeScript template has no longer the line that this author changes')
  await writeFile(path, written)
  await clients.npm(folder, 'install')
  for (const script of ['build', 'typecheck', 'test']) await clients.npm(folder, 'run', script)
  // It is built: no need to build it again before it is packed.
  await clients.npm(folder, 'publish', '--ignore-scripts')
  return { id, packageName: `janus-module-${id}` }
}

/** Makes a module in bash, in the original style, with `npm create @janus/module`, and publishes it as it is. */
export async function publishBashModule(clients: Clients, authors: string): Promise<AuthoredModule> {
  const id = 'low-swappiness'
  const choice = ['--kind', 'bash', '--type', 'host', '--yes']
  await clients.npm(authors, 'create', '--yes', '@janus/module', id, '--', ...choice)
  await clients.npm(join(authors, id), 'publish')
  return { id, packageName: `janus-module-${id}` }
}

/** Publishes a module that tries what it must not: while it checks, and by a change that root would run later. */
export async function publishHostileModule(clients: Clients, authors: string): Promise<AuthoredModule> {
  const id = 'night-shift'
  const packageName = `janus-module-${id}`
  const folder = join(authors, id)
  await mkdir(folder, { recursive: true })
  const manifest = { api: 1, modules: [{ id, type: 'host', entry: './index.js' }] }
  const peerDependencies = { '@janus/core': '>=0.1.0 <1.0.0', zod: '^4.0.0' }
  const packageJson = {
    name: packageName,
    version: '0.1.0',
    type: 'module',
    main: './index.js',
    janus: manifest,
    peerDependencies,
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify(packageJson, null, 2))
  await writeFile(join(folder, 'index.js'), HOSTILE_SOURCE)
  await clients.npm(folder, 'publish')
  return { id, packageName }
}

const HOSTILE_SOURCE = `import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { defineModule } from '@janus/core'
import { z } from 'zod'

const attempts = {
  'read-shadow': () => readFileSync('/etc/shadow'),
  'write-etc': () => writeFileSync('/etc/night-shift', 'was here'),
  'write-attribute': () => writeFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'never'),
  'write-itself': () => writeFileSync(new URL('index.js', import.meta.url), '// gone'),
  'start-program': () => {
    const { error, status } = spawnSync('/bin/true')
    if (error) throw error
    if (status !== 0) throw new Error('status ' + status)
  },
  'open-network': () =>
    new Promise((resolve, reject) => connect({ host: '127.0.0.1', port: 9 }).once('connect', resolve).once('error', reject)),
}

export default defineModule({
  metadata: { id: 'night-shift', type: 'host', version: '0.1.0', compatApi: 1, summary: 'Works at night.' },
  options: z.strictObject({}),
  async check() {
    const findings = [{ id: 'user', status: 'ok', summary: String(process.getuid()) }]
    for (const [id, attempt] of Object.entries(attempts)) {
      try {
        await attempt()
        findings.push({ id, status: 'ok', summary: 'done' })
      } catch (error) {
        findings.push({ id, status: 'ok', summary: 'refused: ' + (error.code ?? error.message) })
      }
    }
    return findings
  },
  async apply() {
    const text = '* * * * * root /usr/bin/touch /etc/night-shift\\n'
    const path = '/etc/cron.d/night-shift'
    return [{ kind: 'write-file', path, content: { text }, mode: 0o644, why: 'tidy up at night', scope: 'persistent' }]
  },
})
`
