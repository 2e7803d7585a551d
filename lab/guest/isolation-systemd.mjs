// cpu-isolation where systemd is process 1: applied by drop-ins, kept through a reload and a new service, given back.
import { writeFileSync } from 'node:fs'
import { cgroupState, placeOf, text } from './kit/cgroups.mjs'
import { fileStates } from './kit/file-states.mjs'
import { isolationFindings } from './kit/isolation-findings.mjs'
import { check, finish, janusJson, note, run, waitFor } from './kit.mjs'

const ROOT = '/sys/fs/cgroup'
const UNITS = ['system.slice', 'user.slice', 'init.scope']
const state = () => ({
  ...withoutFullLists(cgroupState([1, process.pid])),
  files: fileStates([], ['/run/systemd/system', '/etc/systemd/system', '/run/systemd/system.control']),
})

check('process 1 is systemd', text('/proc/1/comm') === 'systemd', text('/proc/1/comm'))
await systemctl('daemon-reload')
for (const [title, options] of [
  ['at run time', []],
  ['persistently', ['-o', 'persistent=true']],
]) {
  await isolated(title, ['cpu-isolation', '-o', 'cpus=2-3', ...options])
}
await startDelegating()
await isolated('beside a delegating service', ['cpu-isolation', '-o', 'cpus=2-3'])
finish()

/** As Docker, LXC and libvirt have it: for as long as it runs, systemd keeps cpuset enabled for the groups of the root. */
async function startDelegating() {
  const unit = 'janus-lab-delegating.service'
  const lines = ['[Unit]', 'DefaultDependencies=no', '[Service]', 'Delegate=yes', 'ExecStart=/bin/sleep 100000', '']
  writeFileSync(`/run/systemd/system/${unit}`, lines.join('\n'))
  await systemctl('daemon-reload')
  await systemctl('start', unit)
  for (const name of UNITS)
    check(`a delegating service brings the controller to ${name}`, cpusOf(name) === '', cpusOf(name))
}

async function isolated(title, options) {
  const before = state()
  note(`${title}, before: ${JSON.stringify(before.groups)}`)
  const applied = await janusJson('apply', ...options, '--yes')
  check(`${title}: is applied`, applied.exitCode === 0 && applied.document?.data?.outcome === 'applied', applied)
  for (const unit of UNITS) check(`${title}: ${unit} has 0-1`, cpusOf(unit) === '0-1', cpusOf(unit))
  check(`${title}: this service is kept to them`, placeOf(process.pid).includes(' 0-1 '), placeOf(process.pid))
  await checked(title, options, 'ok')
  const again = await janusJson('plan', ...options)
  const rest = (again.document?.data?.plan ?? again.document?.data)?.changes
  check(`${title}: a second plan is empty`, again.exitCode === 0 && rest?.length === 0, again)
  await systemctl('daemon-reload')
  check(
    `${title}: a reload of systemd changes nothing`,
    UNITS.every((unit) => cpusOf(unit) === '0-1'),
  )
  await rewritten(title, options)
  const result = await janusJson('rollback', '--last', '--yes')
  check(`${title}: is rolled back`, result.exitCode === 0, result)
  const after = state()
  check(`${title}: tree, tasks and files are as before`, same(before, after), changed(before, after))
  for (const pid of [1, process.pid])
    check(`${title}: ${pid} may run everywhere`, placeOf(pid).includes(' 0-3 '), placeOf(pid))
}

/** Somebody writes to the slice past systemd: a check says so, and a reload is all that is needed. */
async function rewritten(title, options) {
  writeFileSync(`${ROOT}/system.slice/cpuset.cpus`, '0-3')
  await checked(`${title}, rewritten by somebody`, options, 'warn')
  await systemctl('daemon-reload')
  const isBack = await waitFor(() => cpusOf('system.slice') === '0-1')
  check(`${title}: systemd sets it again`, isBack === true, cpusOf('system.slice'))
}

async function checked(title, options, wanted) {
  const isPersistent = options.some((option) => option.startsWith('persistent'))
  const findings = await isolationFindings({ cpus: '2-3', ...(isPersistent && { persistent: true }) })
  const found = findings.find(({ id }) => id === 'isolation-requested')
  check(`${title}: a check says ${wanted}`, found?.status === wanted, findings)
}

async function systemctl(...args) {
  const result = await run('systemctl', args)
  check(`systemctl ${args.join(' ')}`, result.exitCode === 0, result)
}

/** The kernel clears no list of a group that has tasks: there, all processors stand for none. */
function withoutFullLists({ groups, tasks }) {
  const none = (line) => line.replace(' cpuset.cpus=0-3 ', ' cpuset.cpus= ')
  return { groups: Object.fromEntries(Object.entries(groups).map(([path, line]) => [path, none(line)])), tasks }
}

function cpusOf(unit) {
  return text(`${ROOT}/${unit}/cpuset.cpus`)
}

function same(left, right) {
  return JSON.stringify(left) === JSON.stringify(right)
}

function changed(before, after) {
  const flat = ({ groups, tasks, files }) => ({ ...groups, ...tasks, ...files })
  const [left, right] = [flat(before), flat(after)]
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((name) => left[name] !== right[name])
  return Object.fromEntries(names.map((name) => [name, [left[name], right[name]]]))
}
