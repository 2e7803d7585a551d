import { readFile } from 'node:fs/promises'
import { createLiveHost } from '@janus/core'
import { createMemoryHost } from '@janus/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseLoad, parseMemoryUse, parsePressure, parseProcessorTime } from '../../src/controls/parse-proc.js'
import {
  createHostMeter,
  fileBytes,
  type HostSample,
  PLAYBOOK_METRICS,
  playbookMetrics,
  readHostSample,
} from '../../src/index.js'

const GIB = 1024 ** 3
const disk = { totalBytes: 100 * GIB, freeBytes: 20 * GIB }
const options = { diskPath: '/srv', diskUse: async () => disk }

const FILES = {
  '/proc/stat': 'cpu  100 10 50 800 40 0 0 0 7 0\ncpu0 100 10 50 800 40 0 0 0 7 0\nintr 5\n',
  '/proc/meminfo': 'MemTotal:        4194304 kB\nMemFree:          100000 kB\nMemAvailable:    1048576 kB\n',
  '/proc/loadavg': '2.10 1.00 0.55 3/400 12345\n',
  '/proc/pressure/cpu': 'some avg10=12.34 avg60=1.00 avg300=0.50 total=1\n',
  '/proc/pressure/memory':
    'some avg10=5.00 avg60=1.00 avg300=0.50 total=1\nfull avg10=3.50 avg60=1.00 avg300=0.50 total=1\n',
  '/proc/pressure/io':
    'some avg10=5.00 avg60=1.00 avg300=0.50 total=1\nfull avg10=0.00 avg60=1.00 avg300=0.50 total=1\n',
  '/proc/net/tcp': '  sl  local_address\n   0: 0100007F:1F90\n   1: 0100007F:1F91\n',
  '/proc/net/tcp6': '  sl  local_address\n',
  '/proc/1/comm': 'init\n',
  '/proc/22/comm': 'sh\n',
  '/proc/self/comm': 'me\n',
}

describe('a sample of the host', () => {
  test('is read from the files of the kernel, of a captured host as of the live one', async () => {
    const sample = await readHostSample(createMemoryHost(FILES), options)
    expect(sample).toEqual({
      processor: { busy: 160, total: 1000 },
      memory: { totalBytes: 4 * GIB, availableBytes: GIB },
      load: [2.1, 1, 0.55],
      pressure: {
        cpu: { some: 12.34, full: undefined },
        memory: { some: 5, full: 3.5 },
        io: { some: 5, full: 0 },
      },
      disk,
      processes: 2,
      connections: 2,
    })
  })

  test('of this machine has processors, memory, disk and processes', async () => {
    const sample = await readHostSample(createLiveHost(), { diskPath: '/' })
    expect(sample.processor?.total).toBeGreaterThan(0)
    expect(sample.memory?.availableBytes).toBeLessThanOrEqual(sample.memory?.totalBytes ?? 0)
    expect(sample.disk?.freeBytes).toBeLessThanOrEqual(sample.disk?.totalBytes ?? 0)
    expect(sample.processes).toBeGreaterThan(0)
    expect(sample.load).toHaveLength(3)
  })

  test('of a host that tells nothing is undefined throughout, and nothing is thrown', async () => {
    const sample = await readHostSample(createMemoryHost({}), { ...options, diskUse: async () => undefined })
    expect(sample).toMatchObject({ processor: undefined, memory: undefined, load: undefined, disk: undefined })
    expect(sample.pressure).toEqual({ cpu: undefined, memory: undefined, io: undefined })
  })

  test('whatever stands in the files, numbers come of it or nothing', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(...Object.values(FILES)),
      fc.string().map((text) => `cpu ${text}`),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        const text = lines.join('\n')
        const numbers = [
          parseProcessorTime(text)?.busy,
          parseMemoryUse(text)?.availableBytes,
          parsePressure(text)?.some,
        ]
        for (const number of [...numbers, ...(parseLoad(text) ?? [])])
          expect(number === undefined || Number.isFinite(number)).toBe(true)
      }),
    )
  })
})

describe('the measures of a host', () => {
  const at = async (stat: string): Promise<HostSample> =>
    readHostSample(createMemoryHost({ ...FILES, '/proc/stat': stat }), options)

  test('processor use is that between two samples; waiting for disks is no use', async () => {
    const meter = createHostMeter()
    expect(meter.measure(await at('cpu  100 0 0 900 0 0 0 0 0 0\n')).cpuPercent).toBeUndefined()
    const measures = meter.measure(await at('cpu  175 0 0 950 75 0 0 0 0 0\n'))
    expect(measures.cpuPercent).toBeCloseTo(37.5)
    expect(measures.memoryPercent).toBe(75)
    expect(measures.diskPercent).toBe(80)
    expect(measures.memoryStallPercent).toBe(3.5)
  })

  test('counters that go back measure nothing, and never less than nothing', async () => {
    const meter = createHostMeter()
    meter.measure(await at('cpu  100 0 0 900 50 0 0 0 0 0\n'))
    expect(meter.measure(await at('cpu  100 0 0 800 50 0 0 0 0 0\n')).cpuPercent).toBeUndefined()
    expect(meter.measure(await at('cpu  90 0 0 910 60 0 0 0 0 0\n')).cpuPercent).toBe(0)
  })
})

describe('the metrics of playbooks', () => {
  test('are the numbers that were measured, under the names of the table', async () => {
    const sample = await readHostSample(createMemoryHost(FILES), options)
    const measures = createHostMeter().measure(sample)
    const metrics = playbookMetrics({
      sample,
      measures,
      backlog: { waiting: 3, active: 1 },
      pending: 2,
      logBytes: 2 ** 20,
    })
    expect(metrics).toMatchObject({ disk_usage_percent: 80, log_size_mb: 1, backlog: 3, pending_proposals: 2 })
    expect(metrics).not.toHaveProperty('cpu_percent')
    expect(Object.keys(metrics)).toHaveLength(PLAYBOOK_METRICS.length - 1)
  })

  test('each has its row in the documentation', async () => {
    const page = await readFile(new URL('../../../../docs/agent/controls.md', import.meta.url), 'utf8')
    expect(
      PLAYBOOK_METRICS.filter(({ name, meaning }) => !page.includes(`| \`${name}\``) || !page.includes(meaning)),
    ).toEqual([])
  })

  test('the size of files is that of those that are there', async () => {
    expect(await fileBytes(['/proc/self/no-such-file', '/'])).toBe(0)
    expect(await fileBytes([process.execPath])).toBeGreaterThan(1000)
  })
})
