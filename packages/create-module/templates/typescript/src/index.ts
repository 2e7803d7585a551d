import { defineModule, type Host, janusError } from '@janus/core'
import { z } from 'zod'
import packageJson from '../package.json' with { type: 'json' }

const PATH = '/sys/kernel/mm/transparent_hugepage/enabled'

export default defineModule({
  metadata: {
    id: '__id__',
    type: '__type__',
    version: packageJson.version,
    compatApi: 1,
    summary: 'Sets the mode of transparent hugepages.',
  },

  options: z.strictObject({
    mode: z.enum(['always', 'madvise', 'never']).default('never').describe('The mode to set.'),
  }),

  async check({ host }) {
    const mode = await readMode(host)
    if (mode === undefined) return [{ id: 'mode', status: 'skipped', summary: `${PATH} cannot be read` }]
    return [{ id: 'mode', status: 'ok', summary: `The mode is ${mode}.`, evidence: [{ path: PATH, value: mode }] }]
  },

  async apply({ host, options }) {
    const mode = await readMode(host)
    if (mode === undefined) throw janusError('JANUS_HOST_UNREADABLE', `${PATH} cannot be read`)
    if (mode === options.mode) return []
    const why = `set transparent hugepages to ${options.mode} instead of ${mode}`
    return [{ kind: 'write-attribute', path: PATH, from: mode, value: options.mode, why, scope: 'runtime' }]
  },
})

/** The attribute prints every mode and puts the chosen one in brackets. */
async function readMode(host: Host): Promise<string | undefined> {
  const { value } = await host.readText(PATH)
  return value?.match(/\[(\w+)\]/)?.[1]
}
