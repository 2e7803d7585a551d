// Kills the unmodified CLI at every point of cpu-isolation and its rollback; recovers, and compares the cgroup tree and the tasks.
import { cgroupState, lastingTasks, startSleeper } from './kit/cgroups.mjs'
import { killAtEveryPoint } from './kit/crash-points.mjs'
import { finish } from './kit.mjs'

const [mode, selection = 'all'] = process.argv.slice(2)
const sleepers = [startSleeper(), startSleeper()]
const watched = [process.pid, ...sleepers.map(({ pid }) => pid), ...lastingTasks()]
const options = { partition: [], restrict: ['-o', 'mode=restrict', '-o', 'kernelThreads=false'] }[mode]

await killAtEveryPoint({
  apply: ['apply', 'cpu-isolation', '-o', 'cpus=2-3', ...options, '--yes'],
  readState: async () => cgroupState(watched),
  isPlanned: ({ tasks }) => tasks[`task ${sleepers[0].pid}`].includes(' 0-1 '),
  selection,
})
for (const sleeper of sleepers) sleeper.kill()
finish()
