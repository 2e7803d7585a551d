import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { RunNetwork } from '../../src/index.js'
import { type TestSandbox, testSandbox } from '../support/run-sandbox.js'

const REQUEST = { host: 'a.test', port: 443, allowed: true, because: 'allowed', bytesSent: 1, bytesReceived: 2 }
let opened: TestSandbox | undefined
afterEach(() => opened?.close())

/** A network that only tells what is done with it. */
function network(order: string[], more: Partial<RunNetwork> = {}): RunNetwork {
  return {
    environment: { http_proxy: 'http://127.0.0.1:3128' },
    async prepare(childPid) {
      order.push(`prepared ${(await readFile(`/proc/${childPid}/comm`, 'utf8')).trim()}`)
      await delay(200)
    },
    requests: () => [REQUEST],
    async close() {
      order.push('closed')
    },
    ...more,
  }
}

describe('a run with a network', () => {
  test('is connected before its program is there, and tells what it asked for', async () => {
    const order: string[] = []
    const domains: (readonly string[])[] = []
    opened = await testSandbox({
      openNetwork(asked) {
        domains.push(asked)
        return network(order)
      },
    })
    const script = 'echo $http_proxy; exec 3<>/dev/tcp/127.0.0.1/9 || echo refused; cat /proc/net/dev | grep -c :'
    const end = await opened.shell('', { program: '/bin/bash', argv: ['-c', script], network: ['a.test'] })
    expect(domains).toEqual([['a.test']])
    expect(order).toEqual(['prepared bwrap', 'closed'])
    expect(end.stdout.text).toBe('http://127.0.0.1:3128\nrefused\n1\n')
    expect(end.network).toEqual([REQUEST])
    expect(end.enforced.find(({ dimension }) => dimension === 'network')).toMatchObject({ by: 'proxy', enforced: true })
  })

  test('does not start when it cannot be connected', async () => {
    const order: string[] = []
    const prepare = async (): Promise<never> => {
      throw new Error('no way out')
    }
    opened = await testSandbox({ openNetwork: () => network(order, { prepare }) })
    await expect(opened.shell('echo >made', { id: 'none', network: ['a.test'] })).rejects.toThrow('no way out')
    expect(order).toEqual(['closed'])
    expect(await readdir(join(opened.root, 'none'))).toEqual([])
  })

  test('is ended at its deadline while it waits to be connected', async () => {
    const prepare = async (_: number, signal: AbortSignal): Promise<void> => {
      await delay(60_000, undefined, { signal })
    }
    opened = await testSandbox({ openNetwork: () => network([], { prepare }) })
    const end = await opened.shell('echo started', {
      network: ['a.test'],
      grace: 100,
      limits: {
        cpuSeconds: 5,
        wallSeconds: 1,
        memoryBytes: 1 << 27,
        diskBytes: 1 << 20,
        cpuPercent: 100,
        processes: 8,
      },
    })
    expect(end).toMatchObject({ ending: 'timeout', stdout: { text: '' } })
  })
})
