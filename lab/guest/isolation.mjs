// cpu-isolation where nobody owns the cgroup tree: applied, held, given back; what the kernel refuses, and what happens meanwhile.
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { cgroupState, lastingTasks, placeOf, startSleeper, text } from './kit/cgroups.mjs'
import { isolationFindings } from './kit/isolation-findings.mjs'
import { check, finish, janusJson, note, waitFor } from './kit.mjs'

const ROOT = '/sys/fs/cgroup'
const OPTIONS = ['cpu-isolation', '-o', 'cpus=2-3']
const sleepers = [startSleeper(), startSleeper()]
const watched = [process.pid, ...sleepers.map(({ pid }) => pid), ...lastingTasks()]
const state = () => cgroupState(watched)

await partition()
await refusals()
await takenMeanwhile()
await guestInside()
await restricted()
for (const sleeper of sleepers) sleeper.kill()
finish()

async function partition() {
  const before = state()
  await applied('a partition', OPTIONS, 4)
  check('the kernel says isolated', text(`${ROOT}/janus.slice/cpuset.cpus.partition`) === 'isolated')
  check('the root has the other processors', text(`${ROOT}/cpuset.cpus.effective`) === '0-1')
  check('processes are pushed off', placeOf(sleepers[0].pid) === '/ 0-1 sleep', placeOf(sleepers[0].pid))
  await rolledBack('a partition', before)
}

async function refusals() {
  const before = state()
  for (const [cpus, word] of [
    ['0-3', 'no processor would be left'],
    ['3,7', 'there is no processor 7'],
  ]) {
    const refused = await janusJson('apply', 'cpu-isolation', '-o', `cpus=${cpus}`, '--yes')
    const [{ code, summary: message = '' } = {}] = refused.document?.diagnostics ?? []
    const isSaid = code === 'JANUS_HOST_UNFIT' && message.includes(word)
    check(`processors ${cpus} are refused: ${word}`, refused.exitCode === 1 && isSaid, refused)
  }
  writeFileSync('/sys/devices/system/cpu/cpu3/online', '0')
  const offline = await isolationFindings(namedOptions(OPTIONS))
  check(
    'a processor that is offline is critical',
    offline.find(({ id }) => id === 'isolation-requested')?.status === 'critical',
    offline,
  )
  writeFileSync('/sys/devices/system/cpu/cpu3/online', '1')
  check('refusals change nothing', same(before, state()), changed(before, state()))
}

/** Between plan and apply a neighbour takes what makes the partition impossible: the kernel takes the write and says invalid. */
async function takenMeanwhile() {
  writeFileSync(`${ROOT}/cgroup.subtree_control`, '+cpuset')
  mkdirSync(`${ROOT}/neighbour`)
  for (const [title, cpus, partition, reason] of [
    ['names a processor', '3', 'member', 'Cpu list in cpuset.cpus not exclusive'],
    ['takes all the others', '0-1', 'root', 'Parent unable to distribute cpu downstream'],
  ]) {
    const planned = await janusJson('plan', ...OPTIONS)
    const file = '/run/isolation-plan.json'
    writeFileSync(file, JSON.stringify(planned.document?.data?.plan ?? planned.document?.data))
    writeFileSync(`${ROOT}/neighbour/cpuset.cpus`, cpus)
    writeFileSync(`${ROOT}/neighbour/cpuset.cpus.partition`, partition)
    const before = state()
    const failed = await janusJson('apply', file, '--yes')
    const said = JSON.stringify(failed.document?.diagnostics ?? [])
    check(
      `a neighbour ${title}: the apply fails with the kernel's reason`,
      failed.exitCode !== 0 && said.includes(reason),
      failed,
    )
    check(`a neighbour ${title}: everything is undone`, same(before, state()), changed(before, state()))
    writeFileSync(`${ROOT}/neighbour/cpuset.cpus.partition`, 'member')
    writeFileSync(`${ROOT}/neighbour/cpuset.cpus`, '\n')
  }
  rmdirSync(`${ROOT}/neighbour`)
  writeFileSync(`${ROOT}/cgroup.subtree_control`, '-cpuset')
}

/** A guest that runs in the partition is not robbed of it. */
async function guestInside() {
  const before = state()
  await applied('with a guest', OPTIONS, 4)
  const guest = startSleeper()
  writeFileSync(`${ROOT}/janus.slice/cgroup.procs`, String(guest.pid))
  check('a guest runs on the isolated processors', placeOf(guest.pid) === '/janus.slice 2-3 sleep', placeOf(guest.pid))
  const busy = await janusJson('rollback', '--last', '--yes')
  check('while a guest is in it, a rollback is incomplete', busy.exitCode === 4, busy)
  check('and the partition stays whole', text(`${ROOT}/janus.slice/cpuset.cpus.partition`) === 'isolated')
  check('and the guest keeps its processors', placeOf(guest.pid) === '/janus.slice 2-3 sleep', placeOf(guest.pid))
  guest.kill()
  await waitFor(() => placeOf(guest.pid) === 'gone')
  const { transaction, id = transaction } = busy.document?.data ?? {}
  const again = await janusJson('recover', '--yes')
  note(`after the guest: recover ends with ${again.exitCode}`)
  const left = state()
  if (!same(before, left))
    note(`rollback again: ${(await janusJson('rollback', ...(id ? [id] : ['--last']), '--yes')).exitCode}`)
  check('once the guest is gone, it is undone', same(before, state()), { again, changed: changed(before, state()) })
}

async function restricted() {
  const options = [...OPTIONS, '-o', 'mode=restrict']
  mkdirSync(`${ROOT}/batch`)
  const job = startSleeper()
  writeFileSync(`${ROOT}/batch/cgroup.procs`, String(job.pid))
  watched.push(job.pid)
  const before = state()
  const planned = await applied('restricting', options)
  const moves = planned.filter(({ why }) => why.startsWith('move '))
  const isListed = sleepers.every(({ pid }) => moves.some(({ value }) => value === String(pid)))
  check('every task that is moved is a step of the plan', isListed && moves.length > 3, moves)
  note(`${moves.length} tasks are moved`)
  for (const { pid } of sleepers)
    check(`process ${pid} is moved`, placeOf(pid) === '/janus-host.slice 0-1 sleep', placeOf(pid))
  check('the other group is restricted', placeOf(job.pid) === '/batch 0-1 sleep', placeOf(job.pid))
  const child = startSleeper()
  check(
    'what is started meanwhile is restricted too',
    placeOf(child.pid) === '/janus-host.slice 0-1 sleep',
    placeOf(child.pid),
  )
  sleepers[1].kill()
  await waitFor(() => placeOf(sleepers[1].pid) === 'gone')
  const after = { ...before, tasks: { ...before.tasks, [`task ${sleepers[1].pid}`]: 'gone' } }
  await rolledBack('restricting, after one of the tasks has ended', after)
  check('what was started meanwhile is returned too', placeOf(child.pid) === '/ 0-3 sleep', placeOf(child.pid))
  child.kill()
  job.kill()
}

async function applied(title, options, steps) {
  const planned = await janusJson('plan', ...options)
  const changes = (planned.document?.data?.plan ?? planned.document?.data)?.changes ?? []
  check(`${title}: is planned`, planned.exitCode === 0 && (steps === undefined || changes.length === steps), planned)
  const result = await janusJson('apply', ...options, '--yes')
  check(`${title}: is applied`, result.exitCode === 0 && result.document?.data?.outcome === 'applied', result)
  const found = await isolationFindings(namedOptions(options))
  const bad = found.filter(({ status }) => status !== 'ok')
  check(`${title}: a check finds it so`, bad.length === 0 && found.length > 1, found)
  const again = await janusJson('plan', ...options)
  const rest = (again.document?.data?.plan ?? again.document?.data)?.changes
  check(`${title}: a second plan is empty`, again.exitCode === 0 && rest?.length === 0, again)
  return changes
}

async function rolledBack(title, before) {
  const result = await janusJson('rollback', '--last', '--yes')
  check(`${title}: is rolled back`, result.exitCode === 0, result)
  check(`${title}: the tree and its tasks are as before`, same(before, state()), changed(before, state()))
}

/** What `-o name=value` says, as an object. */
function namedOptions(args) {
  return Object.fromEntries(args.filter((arg) => arg.includes('=')).map((arg) => arg.split('=')))
}

function same(left, right) {
  return JSON.stringify(left) === JSON.stringify(right)
}

function changed(before, after) {
  const flat = ({ groups, tasks }) => ({ ...groups, ...tasks })
  const [left, right] = [flat(before), flat(after)]
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((name) => left[name] !== right[name])
  return Object.fromEntries(names.map((name) => [name, [left[name], right[name]]]))
}
