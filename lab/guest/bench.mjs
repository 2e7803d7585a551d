// How long the CLI takes to apply and to roll back, beside a shell script that makes the same writes and nothing else.
import { readFileSync, writeFileSync } from 'node:fs'
import { check, device, differences, finish, hostState, janus, janusJson, note, run, value } from './kit.mjs'

const [target, rounds] = process.argv.slice(2)
const bind = ['bind', '--device', target]

const before = await hostState()
const earlier = loadedModules()
const plan = (await janusJson(...bind)).document.data.plan
// Once to warm the caches, and to see which modules come with the one that the plan names.
await janus(...bind, '--apply', '--yes')
const brought = loadedModules().filter((name) => !earlier.includes(name))
await janus('rollback', '--last', '--yes')

const undo = plan.changes.map((change) => change.undo).toReversed()
const scripts = {
  apply: script('apply', plan.changes),
  rollback: script('rollback', undo.flat()),
}
const hasDriverctl = (await run('sh', ['-c', 'command -v driverctl'])).exitCode === 0

const ways = {
  'a plain script': {
    apply: () => run('sh', [scripts.apply]),
    rollback: () => run('sh', [scripts.rollback]),
  },
  janus: {
    apply: () => janus(...bind, '--apply', '--yes'),
    rollback: () => janus('rollback', '--last', '--yes'),
  },
  ...(hasDriverctl && {
    driverctl: {
      apply: () => run('driverctl', ['--nosave', 'set-override', target, 'vfio-pci']),
      rollback: () => run('driverctl', ['--nosave', 'unset-override', target]),
    },
  }),
}
const times = Object.fromEntries(Object.keys(ways).map((way) => [way, { apply: [], rollback: [] }]))
for (let round = 0; round < Number(rounds); round += 1) {
  for (const [way, phases] of Object.entries(ways)) {
    for (const [phase, perform] of Object.entries(phases)) await measure(way, phase, perform)
  }
}
for (const phase of ['apply', 'rollback']) {
  const plain = median(times['a plain script'][phase])
  for (const way of Object.keys(ways).filter((one) => one !== 'a plain script')) {
    const own = median(times[way][phase])
    value(`${way}: ${phase}`, { milliseconds: own, plain })
  }
}
if (!hasDriverctl) note('driverctl is not installed and not measured')
finish()

async function measure(way, phase, perform) {
  const result = await perform()
  const state = await hostState()
  const reached = phase === 'apply' ? device(target).driver === 'vfio-pci' : isBefore(state, way)
  if (result.exitCode !== 0 || !reached) {
    check(`${way}: ${phase} does its work`, false, { result, differences: differences(before, state) })
    finish()
  }
  times[way][phase].push(result.durationMs)
}

// Janus and the script take the modules away again; driverctl leaves them.
function isBefore(state, way) {
  if (way === 'driverctl') return state.devices[target].driver === before.devices[target].driver
  return Object.keys(differences(before, state)).length === 0
}

/** What a careful person would type: the writes of the plan, in its order, ended by the first failure. */
function script(name, changes) {
  const lines = changes.map((change) => {
    switch (change.kind) {
      case 'write-attribute':
        return `printf %s ${quoted(change.value)} > ${quoted(change.path)}`
      case 'load-kernel-module':
        return `modprobe ${quoted(change.name)}`
      case 'unload-kernel-module':
        return `rmmod ${brought.join(' ')}`
      default:
        throw new Error(`a plan that binds has no ${change.kind}`)
    }
  })
  const file = `/tmp/${name}.sh`
  writeFileSync(file, `${['set -e', ...lines].join('\n')}\n`)
  return file
}

/** Newest first, the order in which they can be taken away. */
function loadedModules() {
  const lines = readFileSync('/proc/modules', 'utf8').trimEnd().split('\n')
  return lines.map((line) => line.split(' ', 1)[0])
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function median(numbers) {
  const sorted = numbers.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)]
}
