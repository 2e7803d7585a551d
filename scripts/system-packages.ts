import { missingPackages } from '../lab/missing-packages.js'
import { type DebianPackage, labPackages } from '../lab/packages.js'
import { runProgram } from './run-program.js'

/** What the tests outside of the lab need. */
const testPackages: readonly DebianPackage[] = [
  { name: 'bash-completion', provides: 'dh_bash-completion', reason: 'by it bash completes what sudo runs' },
  { name: 'bsdutils', provides: 'script', reason: 'a terminal for the tests of prompts and colours' },
  { name: 'bubblewrap', provides: 'bwrap', reason: 'modules of other people are run in a sandbox made by it' },
  { name: 'bzip2', provides: 'bzip2', reason: 'the captured machines are packed with it' },
  { name: 'chromium', provides: 'chromium', reason: 'it opens the reports, which are looked at as people see them' },
  { name: 'curl', provides: 'curl', reason: 'it asks through the network of a run, as a tool would' },
  { name: 'fish', provides: 'fish', reason: 'its completion of the command is tried in it' },
  { name: 'git', provides: 'git', reason: 'changesets asks it, and the tests of releases run changesets' },
  { name: 'hwloc-nox', provides: 'lstopo-no-graphics', reason: 'what it makes of a machine is held against ours' },
  { name: 'mandoc', provides: 'mandoc', reason: 'it checks the man pages' },
  { name: 'openssl', provides: 'openssl', reason: 'it makes the certificate of a server that is reached by a tunnel' },
  { name: 'procps', provides: 'ps', reason: 'the tests look for processes left behind' },
  {
    name: 'systemd',
    provides: 'systemd-analyze',
    reason: 'it verifies the units of the agent, and makes its user on a prepared root',
  },
  { name: 'zsh', provides: 'zsh', reason: 'its completion of the command is tried in it' },
]

/** What is installed and what is not after {@link provideSystemPackages}. */
export interface SystemPackages {
  /** Packages that the tests want and that are missing. */
  readonly missing: readonly DebianPackage[]
  /** True when an installation was tried and failed. */
  readonly failed: boolean
}

/**
 * Finds the Debian packages that the integration tests need. As root in CI, or with JANUS_TEST_INSTALL=1, the missing ones
 * are installed; otherwise the one apt line is printed with what will be skipped.
 */
export async function provideSystemPackages(
  env: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
): Promise<SystemPackages> {
  const wanted = [...labPackages, ...testPackages]
  const missing = await missingPackages(wanted, env)
  if (missing.length === 0) return { missing, failed: false }
  if (!mayInstall(env)) {
    print('Some integration tests are skipped. To run them too:')
    print(`  sudo apt-get install --no-install-recommends ${missing.map(({ name }) => name).join(' ')}`)
    for (const { name, reason } of missing) print(`  without ${name}: ${reason}`)
    return { missing, failed: false }
  }
  print('Installing Debian packages that the integration tests need:')
  for (const { name, reason } of missing) print(`  ${name}: ${reason}`)
  const output = await install(
    missing.map(({ name }) => name),
    env,
  )
  const still = await missingPackages(wanted, env)
  if (still.length > 0) print(`${output}\nStill missing: ${still.map(({ name }) => name).join(', ')}`)
  return { missing: still, failed: still.length > 0 }
}

function mayInstall(env: Readonly<Record<string, string | undefined>>): boolean {
  const asked = env.CI === 'true' || env.JANUS_TEST_INSTALL === '1'
  return asked && process.getuid?.() === 0
}

async function install(names: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const quiet = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } }
  const update = await runProgram('apt-get', ['update', '-q'], quiet)
  const installed = await runProgram('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...names], quiet)
  return `${update.exitCode === 0 ? '' : update.output}${installed.output}`
}
