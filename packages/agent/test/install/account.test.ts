import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { Change, Condition } from '@janus/core'
import { createMemoryHost } from '@janus/core/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accountChanges, readAccount } from '../../src/install/account.js'
import type { InstallPrograms } from '../../src/install/install-programs.js'

const PASSWD = 'root:x:0:0:root:/root:/bin/bash\nmessagebus:x:999:999::/:/usr/sbin/nologin\n'
const GROUP = 'root:x:0:\nmessagebus:x:999:\nsystemd-journal:x:998:\n'
const SHADOW = 'root:*:19000:0:99999:7:::\nmessagebus:!*:19000::::::\n'
const wanted = { user: 'janus', home: '/srv/janus' }
const programs = { sysusers: 'systemd-sysusers', userdel: 'userdel', groupdel: 'groupdel' } as InstallPrograms

describe('the user of the agent', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'janus-account-'))
    await mkdir(join(root, 'etc/sysusers.d'), { recursive: true })
    for (const [name, text] of Object.entries({ passwd: PASSWD, group: GROUP, shadow: SHADOW }))
      await writeFile(join(root, 'etc', name), text)
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  test('gets the highest number that neither a user nor a group has', async () => {
    expect(await account()).toMatchObject({ uid: 997, gid: 997, isThere: false })
  })

  test('is as it is where it is there, with whatever group it has', async () => {
    const host = hostWith(`${PASSWD}janus:x:812:100::/home/janus:/usr/sbin/nologin\n`, `${GROUP}users:x:100:\n`)
    expect(await readAccount(host, wanted)).toMatchObject({
      uid: 812,
      group: 'users',
      home: '/home/janus',
      isThere: true,
    })
  })

  test.each([
    ['a group of its name without it', PASSWD, `${GROUP}janus:x:500:\n`],
    ['root by another name', `${PASSWD}janus:x:0:0::/root:/bin/sh\n`, GROUP],
    ['a person', `${PASSWD}janus:x:1000:1000::/home/janus:/bin/bash\n`, GROUP],
    ['no number left', `${PASSWD}${numbers('u')}`, GROUP],
  ])('is refused: %s', async (_, passwd, group) => {
    await expect(readAccount(hostWith(passwd, group), wanted)).rejects.toMatchObject({ code: 'JANUS_HOST_UNFIT' })
  })

  test('is what systemd-sysusers makes of the file, to the line that the plan verifies', async () => {
    const [file, ...rest] = await planned()
    if (file?.kind !== 'write-file' || !('text' in file.content)) return expect.unreachable('the file comes first')
    await writeFile(join(root, file.path), file.content.text)
    await promisify(execFile)('systemd-sysusers', [`--root=${root}`, basename(file.path)])
    expect(await unmet(rest.flatMap(({ verify = [] }) => verify))).toEqual([])
    expect(await readFile(join(root, 'etc/passwd'), 'utf8')).toContain(
      '\njanus:x:997:997:Janus agent:/srv/janus:/bin/false\n',
    )
  })

  test('is not needed a second time, and its undo is not needed where it is gone', async () => {
    const removals = (await planned()).flatMap(({ undo }) => (Array.isArray(undo) ? undo : []))
    expect(removals.map(({ kind }) => kind)).toEqual(['run-command', 'run-command'])
    for (const { unless = [] } of removals) expect(await unmet(unless)).toEqual([])
    const there = { ...(await account()), isThere: true }
    expect(await accountChanges(hostWith(PASSWD, GROUP), there, { programs, keeps: [] })).toEqual([])
  })

  const account = () => readAccount(hostWith(PASSWD, GROUP), wanted)
  const planned = async (): Promise<readonly Change[]> =>
    accountChanges(hostWith(PASSWD, GROUP), await account(), { programs, keeps: [] })

  /** Only what a plan says of these files: `contains` and `lacks`. */
  async function unmet(conditions: readonly Condition[]): Promise<readonly Condition[]> {
    const judged = await Promise.all(
      conditions.map(async (condition) => {
        if (condition.kind !== 'contains' && condition.kind !== 'lacks') return true
        const text = await readFile(join(root, condition.path), 'utf8')
        return text.includes(condition.value) !== (condition.kind === 'contains')
      }),
    )
    return conditions.filter((_, index) => judged[index])
  }
})

function hostWith(passwd: string, group: string) {
  return createMemoryHost({ '/etc/passwd': passwd, '/etc/group': group, '/etc/sysusers.d/x': '' })
}

function numbers(name: string): string {
  return Array.from({ length: 900 }, (_, index) => `${name}${index}:x:${100 + index}:1::/:/bin/sh\n`).join('')
}
