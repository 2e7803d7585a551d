import { type Change, defineModule, type Finding, type Host, readPciDevices } from '@janus/core'
import * as z from '@janus/core/zod'
import { VERSION } from '../version.js'

const PATH = '/run/janus-gpu-template.txt'
const READABLE_BY_ALL = 0o644

/**
 * A module to copy: small, complete, and harmless. It keeps a list of the displays of the host in a file under /run, which
 * nothing reads and no boot keeps. docs/modules/gpu-template.md goes through it line by line.
 */
export const gpuTemplate = defineModule({
  metadata: {
    id: 'gpu-template',
    type: 'gpu',
    version: VERSION,
    compatApi: 1,
    summary: 'A module to copy: lists the displays of the host in a file under /run',
  },

  options: z.strictObject({
    title: z
      .string()
      .min(1)
      .max(80)
      .regex(/^[^\p{Cc}]+$/u, 'must be one line')
      .default('Displays of this host')
      .describe('First line of the list.'),
  }),

  async check({ host, options }) {
    const displays = await displayLines(host)
    const summary = displays.length === 0 ? 'The host shows no display.' : `Displays: ${displays.length}.`
    const evidence = [{ path: '/sys/bus/pci/devices', value: `${displays.length} displays` }]
    const found: Finding = { id: 'displays', status: 'ok', summary, detail: displays.join('\n'), evidence }
    return options === undefined ? [found] : [found, await listFinding(host, listText(options.title, displays))]
  },

  async apply({ host, options }) {
    const text = listText(options.title, await displayLines(host))
    if ((await host.readText(PATH)).value === text) return []
    const change: Change = {
      kind: 'write-file',
      path: PATH,
      content: { text },
      mode: READABLE_BY_ALL,
      why: 'list the displays of the host for whoever looks',
      scope: 'runtime',
    }
    return [change]
  },
})

/** Whether the list is there, as `apply` would write it. */
async function listFinding(host: Host, text: string): Promise<Finding> {
  const { value, unreadable } = await host.readText(PATH)
  const base = { id: 'list', evidence: [{ path: PATH, ...(value === undefined ? {} : { value }) }] }
  if (unreadable !== undefined) return { ...base, status: 'skipped', summary: `${PATH} cannot be read: ${unreadable}` }
  if (value === text) return { ...base, status: 'ok', summary: `${PATH} lists the displays.` }
  const summary = value === undefined ? `${PATH} is not there yet.` : `${PATH} lists something else.`
  return { ...base, status: 'warn', summary, remedy: 'janus plan gpu-template' }
}

function listText(title: string, displays: readonly string[]): string {
  return [title, ...displays, ''].join('\n')
}

async function displayLines(host: Host): Promise<readonly string[]> {
  const displays = (await readPciDevices(host)).filter(({ isDisplay }) => isDisplay)
  return displays.map(
    ({ address, vendor, device, driver }) => `${address} ${vendor}:${device} ${driver ?? 'no driver'}`,
  )
}
