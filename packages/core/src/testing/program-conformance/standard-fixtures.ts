import { createSandbox } from '../../sandbox/index.js'
import type { HostTree } from '../contract-suites/host-suite.js'
import { onProgramMachine } from './program-session.js'
import type { ProgramFixture, ProgramSubject } from './program-subject.js'

const FOLDERS = ['default', 'modprobe.d', 'modules-load.d', 'sysctl.d', 'tmpfiles.d', 'udev/rules.d']

/**
 * The machine that a program is tried on when nobody gave one: it has the folders that settings are put into, and no
 * hardware. Whether apply can do its work there or must refuse is found out by asking it once.
 */
export async function standardProgramFixtures(
  program: Omit<ProgramSubject, 'fixtures'>,
): Promise<readonly ProgramFixture[]> {
  const files: HostTree = Object.fromEntries(FOLDERS.map((name) => [`/etc/${name}`, { directory: true }]))
  const tested = { ...program, fixtures: [], sandbox: createSandbox() }
  const { exitCode } = await onProgramMachine(tested, { files }, ({ act }) => act('apply'))
  return [{ title: 'a machine without hardware', files, refuses: exitCode !== 0 }]
}
