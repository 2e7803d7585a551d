// The documents' quickstart, word for word, as root with HOME set to an empty folder.
import { existsSync, mkdirSync } from 'node:fs'
import { check, device, finish, janusProgram, run, stateDifferences, writableState } from './kit.mjs'

const [present, absent] = process.argv.slice(2)
const home = '/run/janus-lab/empty-home'
mkdirSync(home, { mode: 0o700 })

const before = writableState()

const checked = await quickstart('check', '--no-interactive')
const findings = checked.exitCode <= 1 && checked.stdout.includes('gpu-iommu')
check('check --no-interactive gives findings', findings, checked)

const listed = await quickstart('bind', '--list')
check('bind --list lists the devices', listed.exitCode === 0 && listed.stdout.includes(present), listed)

const refused = await quickstart('bind', '--device', absent, '--dry-run', '--yes')
check('a device that is absent is refused, and only for that', onlyAbsent(refused), refused)
const told = await quickstart('bind', '--device', absent, '--dry-run', '--yes', '--json')
const codes = JSON.parse(told.stdout).diagnostics.map(({ code }) => code)
check('the same as JSON', told.exitCode === 1 && `${codes}` === 'JANUS_DEVICE_NOT_FOUND', told)

// On this machine 03:00.0 is a display whose audio function the host uses: the refusal names it and says how to insist.
const display = await quickstart('bind', '--device', '0000:03:00.0', '--dry-run', '--yes')
const sibling = display.stderr.includes('0000:03:00.1') && /--device|-o |includeSiblings/.test(display.stderr)
check('a device whose sibling is in use is refused with the way out', display.exitCode === 1 && sibling, display)
check('it stays on its driver', device('0000:03:00.0').driver === 'bochs-drm', device('0000:03:00.0'))

const contradiction = await quickstart('bind', '--device', present, '--dry-run', '--apply', '--yes')
check(
  '--dry-run contradicts --apply',
  contradiction.exitCode === 1 && /--apply/.test(contradiction.stderr),
  contradiction,
)

const changed = stateDifferences(before, writableState())
check('nothing is written, inside of that HOME or outside', Object.keys(changed).length === 0, changed)
check('root has no state directory from looking', !existsSync('/var/lib/janus'))
finish()

function quickstart(...args) {
  const environment = { HOME: home, XDG_CONFIG_HOME: '', XDG_STATE_HOME: '', XDG_CACHE_HOME: '' }
  return run(process.execPath, [janusProgram, ...args], { cwd: home, env: environment, timeoutMs: 120_000 })
}

function onlyAbsent({ exitCode, stderr }) {
  return exitCode === 1 && stderr.includes(absent) && stderr.includes('[JANUS_DEVICE_NOT_FOUND]')
}
