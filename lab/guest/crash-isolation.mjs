// Kills the unmodified CLI at every point of cpu-isolation and its rollback; recovers, and compares the cgroup tree and the tasks.
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { cgroupState, lastingTasks, startSleeper } from './kit/cgroups.mjs'
import { killAtEveryPoint } from './kit/crash-points.mjs'
import { fileStates } from './kit/file-states.mjs'
import { applyOfPlan } from './kit/janus.mjs'
import { treeCopies } from './kit/tree-copies.mjs'
import { finish, run } from './kit.mjs'

const ROOT = '/sys/fs/cgroup'
const [mode, selection] = process.argv.slice(2)
const sleepers = [startSleeper(), startSleeper()]
const watched = [process.pid, ...sleepers.map(({ pid }) => pid), ...lastingTasks()]
const options = {
  partition: [],
  restrict: ['-o', 'mode=restrict', '-o', 'kernelThreads=false'],
  systemd: ['-o', 'persistent=true'],
}[mode]
const isolation = ['cpu-isolation', '-o', 'cpus=2-3', ...options]
const TREES = ['/etc/systemd/system', '/run/systemd/system']
const copies = treeCopies(TREES)
if (mode === 'systemd') {
  // Whatever it finds out by its first reload is no doing of Janus.
  await run('systemctl', ['daemon-reload'])
  copies.save('before')
}

await killAtEveryPoint({
  selection,
  // What runs, and so has to be moved, is never quite the same.
  varies: mode === 'restrict',
  // Which tasks there are to move, every run has to find out itself.
  apply: mode === 'restrict' ? ['apply', ...isolation, '--yes'] : await applyOfPlan(...isolation),
  readState: async () => ({ ...cgroupState(watched), ...(mode === 'systemd' && { files: fileStates([], TREES) }) }),
  isPlanned: ({ tasks }) => {
    if (mode === 'systemd') copies.save('planned')
    return tasks[`task ${sleepers[0].pid}`].includes(' 0-1 ')
  },
  // Plain writes say it all for a partition and for drop-ins; moving tasks is Janus' own business.
  ...{
    partition: { bringHome, bringAway },
    systemd: { bringHome: () => reload('before'), bringAway: () => reload('planned') },
  }[mode],
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

/** The drop-ins as they were, and systemd told; it has set what follows from them when the reload is over. */
async function reload(name) {
  copies.bring(name)
  await run('systemctl', ['daemon-reload'])
}

function write(name, value) {
  writeFileSync(`${ROOT}/${name}`, value)
}
