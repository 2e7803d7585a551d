import { describe, expect, test } from 'vitest'
import { configurationDirectories, findConfigurationFiles } from '../../src/inventory/index.js'
import { treeHost } from './support/tree.js'

describe('configuration files', () => {
  const found = (entries: Parameters<typeof treeHost>[0]) =>
    findConfigurationFiles(treeHost(entries), configurationDirectories('sysctl.d'))

  test('are read by name over all directories, whatever the directory', async () => {
    const files = await found({
      '/usr/lib/sysctl.d/10-a.conf': '',
      '/run/sysctl.d/20-b.conf': '',
      '/etc/sysctl.d/15-c.conf': '',
    })
    expect(files).toEqual([
      { name: '10-a.conf', path: '/usr/lib/sysctl.d/10-a.conf' },
      { name: '15-c.conf', path: '/etc/sysctl.d/15-c.conf' },
      { name: '20-b.conf', path: '/run/sysctl.d/20-b.conf' },
    ])
  })

  test('of one name are one: that of the most important directory', async () => {
    const tops = ['/lib', '/usr/lib', '/usr/local/lib', '/run', '/etc']
    for (let count = 1; count <= tops.length; count++) {
      const present = tops.slice(0, count).map((top) => [`${top}/sysctl.d/a.conf`, ''])
      expect(await found(Object.fromEntries(present))).toEqual([
        { name: 'a.conf', path: `${tops[count - 1]}/sysctl.d/a.conf` },
      ])
    }
  })

  test('end in .conf', async () => {
    expect(
      await found({ '/etc/sysctl.d/a.conf~': '', '/etc/sysctl.d/README': '', '/etc/sysctl.d/.conf.swp': '' }),
    ).toEqual([])
  })
})
