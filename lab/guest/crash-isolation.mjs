// Kills the unmodified CLI at every point of cpu-isolation and its rollback; recovers, and compares the cgroup tree and the tasks.
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { cgroupState, lastingTasks, startSleeper } from './kit/cgroups.mjs'
import { killAtEveryPoint } from './kit/crash-points.mjs'
import { finish } from './kit.mjs'

const ROOT = '/sys/fs/cgroup'
const [mode, selection = 'all'] = process.argv.slice(2)
const sleepers = [startSleeper(), startSleeper()]
const watched = [process.pid, ...sleepers.map(({ pid }) => pid), ...lastingTasks()]
const options = { partition: [], restrict: ['-o', 'mode=restrict', '-o', 'kernelThreads=false'] }[mode]

await killAtEveryPoint({
  apply: ['apply', 'cpu-isolation', '-o', 'cpus=2-3', ...options, '--yes'],
  readState: async () => cgroupState(watched),
  isPlanned: ({ tasks }) => tasks[`task ${sleepers[0].pid}`].includes(' 0-1 '),
  // Plain writes say it all for a partition; moving tasks is Janus' own business.
  ...(mode === 'partition' && { bringHome, bringAway }),
  selection,
})
for (const sleeper of sleepers) sleeper.kill()
finish()

function bringAway() {
  write('cgroup.subtree_control', '+cpuset')
  mkdirSync(`${ROOT}/janus.slice`)
  write('janus.slice/cpuset.cpus', '2-3')
  write('janus.slice/cpuset.cpus.partition', 'isolated')
}

function bringHome() {
  write('janus.slice/cpuset.cpus.partition', 'member')
  rmdirSync(`${ROOT}/janus.slice`)
  write('cgroup.subtree_control', '-cpuset')
}

function write(name, value) {
  writeFileSync(`${ROOT}/${name}`, value)
}
