// The agent as a service where systemd is process 1: planned, applied, started, watched, stopped and undone.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileStates } from './kit/file-states.mjs'
import { check, finish, janusJson, janusProgram, note, run, waitFor } from './kit.mjs'

const UNITS = ['janus-controls.service', 'janus-agent.service']
const [CONTROLS, AGENT] = UNITS
const PROGRAM = '/usr/local/bin/janus'
const STOP = '/srv/janus/EMERGENCY_STOP'
/** What lies there besides directories is the record and what the agent wrote: it stays. */
const KEPT = /^\/(srv\/janus|var\/log\/janus)(\/|$)/
const PATIENCE = 300_000

writeFileSync(PROGRAM, `#!/bin/sh\nexec ${process.execPath} ${janusProgram} "$@"\n`)
chmodSync(PROGRAM, 0o755)
// The lab boots to its own job: nothing of the host's services is pulled in, and the watchdog is not waited for two minutes.
for (const unit of UNITS) {
  const folder = `/run/systemd/system/${unit}.d`
  mkdirSync(folder, { recursive: true })
  const watched = unit === AGENT ? '[Service]\nWatchdogSec=20\nTimeoutStartSec=300\n' : ''
  writeFileSync(`${folder}/lab.conf`, `[Unit]\nDefaultDependencies=no\n${watched}`)
}

const state = () =>
  fileStates(
    ['/etc/passwd', '/etc/group'],
    ['/etc/systemd/system', '/etc/janus', '/etc/sysusers.d', '/srv', '/var/log/janus'],
  )
const before = state()

const shown = await janusJson('agent', 'install', '--start')
check('the plan is shown', shown.exitCode === 0 && shown.document?.data?.plan?.changes.length > 10, shown)
check('and nothing is changed', same(before, state()), changed(before, state()))

const applied = await janusJson('agent', 'install', '--start', '--apply', '--yes')
check(
  'it is applied, the units started',
  applied.exitCode === 0 && applied.document?.data?.report?.outcome === 'applied',
  applied,
)
await activeIs('active', CONTROLS)
await activeIs('active', AGENT)
note(
  (await run('systemctl', ['show', '-p', 'MainPID,NRestarts,WatchdogUSec,MemoryMax,TasksMax,Delegate,User', AGENT]))
    .stdout,
)

const checked = await janusJson('check', 'agent-install')
const findings = checked.document?.data?.modules?.[0]?.findings ?? []
check('a check finds it whole', findings.find(({ id }) => id === 'install-verification')?.status === 'ok', findings)
const again = await janusJson('agent', 'install', '--start')
check('a second plan is empty', again.document?.data?.plan?.changes.length === 0, again)

// The agent tells systemd that it is ready only once its self-test has passed under every restriction of the unit.
const doctor = await janusJson('doctor')
const wrong = (doctor.document?.data?.diagnostics ?? []).filter(({ code }) => /AGENT_UNREACHABLE|SANDBOX/.test(code))
check('the doctor reaches it, and its sandbox holds', doctor.exitCode === 0 && wrong.length === 0, wrong)

const first = await property(AGENT, 'MainPID')
process.kill(Number(first), 'SIGSTOP')
const bitten = await waitFor(async () => !['0', first].includes(await property(AGENT, 'MainPID')), {
  timeoutMs: PATIENCE,
})
check(
  'the watchdog ends an agent that stands still, and systemd starts another',
  bitten === true,
  await property(AGENT, 'NRestarts'),
)
await activeIs('active', AGENT)

await systemctl('stop', AGENT)
await activeIs('inactive', AGENT)
check('nothing of it is left', processesIn(AGENT) === 0, processesIn(AGENT))
writeFileSync(STOP, '')
const refused = await run('systemctl', ['start', AGENT])
check('systemd refuses to start it while a stop file is there', refused.exitCode !== 0, refused)
rmSync(STOP)

const undone = await janusJson('agent', 'install', '--uninstall', '--apply', '--yes')
check('it is undone, but for what the agent wrote', [0, 4].includes(undone.exitCode), undone)
const after = state()
const rest = Object.keys(changed(before, after)).filter((path) => !KEPT.test(path))
// A number that owns a record is not given to the next user.
const account = ['/etc/group', '/etc/gshadow', '/etc/passwd', '/etc/shadow', '/etc/subgid', '/etc/subuid']
const others = rest.filter((path) => !account.includes(path))
check('every other file is as before, but for the user that owns the record', others.length === 0, rest)
const kept = await run('getent', ['passwd', 'janus'])
check('that user is still there', kept.exitCode === 0, kept)
check('the record is still there', existsSync('/srv/janus/state/record'))
check(
  'systemd knows the unit no more',
  (await property(AGENT, 'LoadState')) === 'not-found',
  await property(AGENT, 'LoadState'),
)
finish()

async function activeIs(wanted, unit) {
  const holds = await waitFor(async () => (await property(unit, 'ActiveState')) === wanted, { timeoutMs: PATIENCE })
  check(`${unit} is ${wanted}`, holds === true, (await run('systemctl', ['status', '--no-pager', unit])).stdout)
}

async function property(unit, name) {
  return (await run('systemctl', ['show', '--value', '-p', name, unit])).stdout.trim()
}

async function systemctl(...args) {
  const result = await run('systemctl', args)
  check(`systemctl ${args.join(' ')}`, result.exitCode === 0, result)
}

function processesIn(unit) {
  const file = `/sys/fs/cgroup/system.slice/${unit}/cgroup.procs`
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).length : 0
}

function same(left, right) {
  return Object.keys(changed(left, right)).length === 0
}

function changed(left, right) {
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
    (name) => JSON.stringify(left[name]) !== JSON.stringify(right[name]),
  )
  return Object.fromEntries(names.map((name) => [name, [left[name], right[name]]]))
}
