import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { type FileSystemSources, requireLocalFileSystem } from '../../src/state/require-local-file-system.js'

const MOUNTINFO = [
  '22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw',
  '40 22 0:52 / /home/ana/far rw,nosuid - fuse.sshfs ana@far: rw',
  '41 22 0:53 / /mnt/disk rw - fuseblk /dev/sdb1 rw',
].join('\n')

/** @param type `f_type`; @param device as stat(2) numbers it */
function sources(type: number, device = 52): FileSystemSources {
  return { typeOf: async () => type, deviceOf: async () => device, mountinfo: async () => MOUNTINFO }
}

describe('attack 27: a state directory on a file system of the network', () => {
  test.each([
    ['nfs', 0x6969],
    ['cifs', 0xff534d42],
    ['cifs', 0xff534d42 - 2 ** 32],
    ['smb2', 0xfe534d42],
    ['9p', 0x01021997],
    ['ceph', 0x00c36400],
  ])('%s is refused by statfs, with a way out', async (name, type) => {
    await expect(requireLocalFileSystem('/srv/janus/state', sources(type))).rejects.toMatchObject({
      code: 'JANUS_STATE_REMOTE',
      message: `/srv/janus/state lies on ${name}`,
      data: { fileSystem: name },
    })
  })

  test('of FUSE what keeps its files elsewhere, or cannot be told, is refused', async () => {
    const refused = (device: number) => requireLocalFileSystem('/far', sources(0x65735546, device))
    await expect(refused(52)).rejects.toMatchObject({ data: { fileSystem: 'fuse.sshfs' } })
    await expect(refused(99)).rejects.toMatchObject({ data: { fileSystem: 'fuse' } })
    await expect(refused(53)).resolves.toBeUndefined()
  })

  test.each([
    ['ext4', 0xef53],
    ['xfs', 0x58465342],
    ['btrfs', 0x9123683e],
    ['tmpfs', 0x01021994],
    ['overlay', 0x794c7630],
    ['zfs', 0x2fc12fc1],
  ])('%s is not', async (_name, type) => {
    await expect(requireLocalFileSystem('/srv/janus/state', sources(type))).resolves.toBeUndefined()
  })

  test('the disk of this machine is not', async () => {
    await expect(requireLocalFileSystem(tmpdir())).resolves.toBeUndefined()
  })
})
