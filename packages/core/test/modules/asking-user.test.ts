import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readAskingUser } from '../../src/modules/asking-user.js'

const [, , daemonUid, , , daemonHome] = (/^daemon:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0] ?? '').split(':')

describe('who is asking', () => {
  it('is the user, whatever a variable says of sudo', async () => {
    const env = { SUDO_UID: daemonUid ?? '1', SUDO_USER: 'daemon' }
    expect(await readAskingUser({ uid: 1_000, env, home: '/home/alice' })).toMatchObject({
      uid: 1_000,
      owner: 1_000,
      directories: [{ data: '/home/alice/.local/share/janus' }],
    })
  })

  it.skipIf(daemonUid === undefined)('is, for root, also the one who called sudo, by the user database', async () => {
    const env = { SUDO_UID: daemonUid, XDG_DATA_HOME: '/srv/data' }
    const { owner, directories } = await readAskingUser({ uid: 0, env, home: '/root' })
    expect(owner).toBe(Number(daemonUid))
    expect(directories.map(({ data }) => data)).toEqual(['/srv/data/janus', `${daemonHome}/.local/share/janus`])
  })

  it.each([undefined, '', '0', '-1', '1e3', '4294967290', 'alice'])(
    'is root alone when SUDO_UID is %j',
    async (uid) => {
      const { directories } = await readAskingUser({ uid: 0, env: { SUDO_UID: uid }, home: '/root' })
      expect(directories).toHaveLength(1)
    },
  )
})
