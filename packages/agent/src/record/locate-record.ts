import { lstat, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalDigest } from '@janus/core/ledger'
import { openOwnFile, systemFileOperations } from '@janus/core/state'

const FILE = 'anchor'
const FILE_MODE = 0o600

/**
 * Identifies the place where a record lies: the machine, the directory and a file in it that is made once. A copy of the directory,
 * on this machine or another, and a backup that was put back, lie at another place; a restart, a rename and a reboot do not move it.
 * @param directory state directory, there and checked
 * @param machineIdPath machine-id(5); without one the machine does not count
 * @returns SHA-256, lower-case hex
 * @throws JANUS_STATE_UNSAFE; JANUS_STATE_DENIED
 */
export async function locateRecord(directory: string, machineIdPath = '/etc/machine-id'): Promise<string> {
  const { descriptor } = await openOwnFile(join(directory, FILE), { write: true, createMode: FILE_MODE })
  await systemFileOperations.close(descriptor)
  return identifyPlace(directory, machineIdPath)
}

/**
 * The same without making anything: for a record that is only read.
 * @throws the errno error of stat where the record was never anchored
 */
export async function identifyPlace(directory: string, machineIdPath = '/etc/machine-id'): Promise<string> {
  const file = await lstat(join(directory, FILE))
  const machine = await readFile(machineIdPath, 'utf8').catch(() => '')
  const { ino } = await stat(directory)
  // Device numbers are left out: they may change with every boot.
  return canonicalDigest({ machine: machine.trim(), directory: ino, file: file.ino })
}
