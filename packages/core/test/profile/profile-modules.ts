import { type Change, defineModule, janusError } from '@janus/core'
import { z } from 'zod'
import { bindingChanges } from '../transaction/binding-changes.js'

const metadata = (id: string, order: { before?: string[]; after?: string[] } = {}) => ({
  type: 'host',
  id,
  version: '0.0.1',
  compatApi: 1,
  summary: `the module ${id}`,
  ...order,
})

/** Creates virtual functions; which they are, only the kernel shows. */
export const functionsModule = defineModule({
  metadata: metadata('test-functions', { before: ['test-bind'] }),
  options: z.strictObject({ device: z.string(), count: z.int() }),
  check: async () => [],
  async apply({ host, options }) {
    const path = `/sys/bus/pci/devices/${options.device}/sriov_numvfs`
    const from = (await host.readText(path)).value?.trim()
    if (from === String(options.count)) return []
    return [
      {
        kind: 'write-attribute',
        path,
        value: String(options.count),
        scope: 'runtime',
        why: 'virtual functions',
        reveals: `the virtual functions of ${options.device}`,
      },
    ]
  },
})

/** Binds a device to vfio-pci, once it is there. */
export const bindModule = defineModule({
  metadata: metadata('test-bind'),
  options: z.strictObject({ device: z.string() }),
  check: async () => [],
  async apply({ host, options: { device } }) {
    const path = `/sys/bus/pci/devices/${device}`
    if (!(await host.exists(path))) {
      throw janusError('JANUS_DEVICE_NOT_FOUND', `${device} is not there`, { data: { path } })
    }
    const driver = (await host.readLink(`${path}/driver`)).value?.split('/').pop()
    if (driver === 'vfio-pci') return []
    const isLoaded = await host.exists('/sys/module/vfio_pci')
    const [load, override, unbind, bind] = bindingChanges(device, { driver: driver ?? '', module: driver ?? '' })
    return [...(isLoaded ? [] : [load]), override, ...(driver === undefined ? [] : [unbind]), bind] as Change[]
  },
})

/** Reserves hugepages of 2 MiB on node 0, on top of those that are there. */
export const pagesModule = defineModule({
  metadata: metadata('test-pages'),
  options: z.strictObject({ more: z.int() }),
  check: async () => [],
  async apply({ host, options }) {
    const path = '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages'
    const found = Number((await host.readText(path)).value)
    if (options.more === 0) return []
    const value = String(found + options.more)
    return [{ kind: 'write-attribute', path, value, scope: 'runtime', why: 'pages', mayGrantLess: true }]
  },
})

/** Adds a line to a file, and has an index of the folder built. */
export const linesModule = defineModule({
  metadata: metadata('test-lines'),
  options: z.strictObject({ file: z.string(), line: z.string(), index: z.boolean().default(false) }),
  check: async () => [],
  async apply({ host, options: { file, line, index } }) {
    const before = (await host.readText(file)).value ?? ''
    if (before.split('\n').includes(line)) return []
    return [
      {
        kind: 'write-file',
        path: file,
        content: { text: `${before}${line}\n` },
        mode: 0o644,
        scope: 'persistent',
        why: `the line ${line}`,
      },
      ...(index ? [indexChange(line)] : []),
    ] as Change[]
  },
})

function indexChange(line: string): Change {
  return {
    kind: 'run-command',
    command: '/usr/sbin/make-index',
    args: ['/etc/lines'],
    timeout: 1_000,
    outputs: ['/etc/index'],
    verify: [{ kind: 'contains', path: '/etc/index', value: line }],
    scope: 'persistent',
    why: `the index has ${line}`,
  }
}

/** Reads the index and writes what it found elsewhere. */
export const indexReader = defineModule({
  metadata: metadata('test-index-reader', { after: ['test-lines'] }),
  options: z.strictObject({}),
  check: async () => [],
  async apply({ host }) {
    const { value, unreadable } = await host.readText('/etc/index')
    if (unreadable !== undefined) throw janusError('JANUS_HOST_UNREADABLE', `/etc/index: ${unreadable}`)
    const text = `${value ?? ''}`
    if ((await host.readText('/etc/copy')).value === text) return []
    return [{ kind: 'write-file', path: '/etc/copy', content: { text }, mode: 0o600, scope: 'persistent', why: 'copy' }]
  },
})

export const PROFILE_MODULES = [functionsModule, bindModule, pagesModule, linesModule, indexReader]
