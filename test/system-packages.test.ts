import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { provideSystemPackages } from '../scripts/system-packages.js'
import { temporaryFolder } from './temporary-folder.js'

describe('outside of CI', () => {
  test('what is missing is named in one apt line, each package with its reason, and nothing is installed', async () => {
    const lines: string[] = []
    const { missing, failed } = await provideSystemPackages({ PATH: await temporaryFolder('path') }, (line) =>
      lines.push(line),
    )
    expect(failed).toBe(false)
    expect(missing.map(({ name }) => name)).toContain('strace')
    const apt = lines.filter((line) => line.includes('apt-get install'))
    expect(apt).toHaveLength(1)
    for (const { name, reason } of missing) {
      expect(apt[0]).toContain(` ${name}`)
      expect(lines).toContain(`  without ${name}: ${reason}`)
    }
  })

  test('what is found on PATH is not asked for', async () => {
    const folder = await temporaryFolder('path')
    await symlink(process.execPath, join(folder, 'strace'))
    const { missing } = await provideSystemPackages({ PATH: folder }, () => {})
    expect(missing.map(({ name }) => name)).not.toContain('strace')
  })
})
