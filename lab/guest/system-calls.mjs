// Traces one bind and one rollback, and holds every mutating system call against the printed plan (design 6.1).
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename } from 'node:path'
import { check, finish, janusJson, janusProgram, note, run } from './kit.mjs'
import { mutationsIn, tracedCalls } from './system-calls/mutations.mjs'
import { parseTrace } from './system-calls/parse-trace.mjs'
import { compareWithPlan } from './system-calls/unannounced.mjs'

const devices = process.argv.slice(2)
// The journal with its saved bytes, the log and the lock.
const STATE = '/var/lib/janus'
const bind = ['bind', '--device', ...devices]

const planned = await janusJson(...bind)
const plan = planned.document?.data?.plan
check('the plan is printed', planned.exitCode === 0 && plan !== undefined, planned)
const accept = plan.changes.flatMap(({ irreversible = [] }) => irreversible).flatMap(({ id }) => ['--accept', id])
note(`${plan.changes.length} changes: ${plan.changes.map(({ kind }) => kind).join(', ')}`)

await controls()
await checksTraced()
await bindTraced()
await rollBackTraced()
finish()

/** Module by module, so that one that changes something is named. There is no /dev/kvm here, which a check opens for writing. */
async function checksTraced() {
  const { document } = await janusJson('module', 'list')
  const modules = document?.data?.modules?.map(({ id }) => id) ?? []
  check('there are modules to check', modules.length > 0, document)
  for (const id of modules) {
    const { calls, result } = await traced([process.execPath, janusProgram, 'check', id, '--json'])
    check(`check ${id} answers`, result.exitCode <= 1 && JSON.parse(result.stdout).data !== undefined, result)
    const { unannounced } = compare(calls, [])
    check(`check ${id}: no mutating system call`, calls.length > 0 && unannounced.length === 0, unannounced)
  }
}

async function bindTraced() {
  const { calls, result } = await traced([
    process.execPath,
    janusProgram,
    ...bind,
    '--apply',
    '--yes',
    ...accept,
    '--json',
  ])
  check('the bind succeeds', result.exitCode === 0, result)
  const applied = JSON.parse(result.stdout).data?.plan
  check('it is the bind of the printed plan', applied?.digest === plan.digest, applied?.digest)
  judge('bind', calls, plan.changes)

  const where = `/sys/bus/pci/devices/${devices[0]}/driver_override`
  const extra = [
    `9999999999.000000 openat(AT_FDCWD</root>, "/etc/passwd", O_WRONLY|O_CLOEXEC) = 9</etc/passwd>`,
    `9999999999.000000 write(9<${realpathSync(where)}>, "another", 7) = 7`,
    `9999999999.000000 mkdir("/tmp/janus", 0777) = 0`,
    `9999999999.000000 kill(1, SIGTERM) = 0`,
  ]
  for (const line of extra) {
    const { unannounced } = compare([...calls, ...parseTrace({ 1: line })], plan.changes)
    check(
      `an extra call is noticed: ${line.slice(18)}`,
      unannounced.length === 1 && unannounced[0] === line,
      unannounced,
    )
  }
  const without = compare(calls, plan.changes.slice(1)).unannounced
  check('a change that the plan does not name is noticed', without.length > 0, without)
}

async function rollBackTraced() {
  const { calls, result } = await traced([process.execPath, janusProgram, 'rollback', '--last', '--yes', '--json'])
  check('the rollback succeeds', result.exitCode === 0, result)
  judge(
    'rollback',
    calls,
    plan.changes.flatMap(({ undo }) => (Array.isArray(undo) ? undo : [])),
  )
}

function judge(title, calls, changes) {
  const { unannounced, missing } = compare(calls, changes)
  const mutations = mutationsIn(calls)
  note(`${title}: ${calls.length} calls recorded, ${mutations.length} of them change something`)
  check(`${title}: every mutating system call is one that the plan announced`, unannounced.length === 0, unannounced)
  // An undo change whose effect is there already is skipped: a bind by its own matching, for instance.
  const silent = title === 'rollback' ? [] : missing
  check(`${title}: every change of the plan is among the calls`, silent.length === 0, silent)
}

function compare(calls, changes) {
  const options = { changes, exempt: [STATE], realPath, moduleFiles }
  return compareWithPlan(mutationsIn(calls), options)
}

// A driver's folder is gone with its module; there is no link in such a path.
function realPath(path) {
  return existsSync(path) ? realpathSync(path) : path
}

/** Every way to change something, done by other programs: each must come out as a mutation. */
async function controls() {
  const deeds = {
    'a file is written': 'echo x > /tmp/control',
    'a file is appended to': 'echo x >> /tmp/control',
    'a mode is changed': 'chmod 600 /tmp/control',
    'an owner is changed': 'chown 1:1 /tmp/control',
    'a time is changed': 'touch -d @1 /tmp/control',
    'a file is cut': 'truncate -s 0 /tmp/control',
    'a file is renamed': 'mv /tmp/control /tmp/renamed',
    'a file is linked': 'ln /tmp/renamed /tmp/linked',
    'a link is made': 'ln -s /nowhere /tmp/symbolic',
    'a file is removed': 'rm /tmp/linked',
    'a folder is made': 'mkdir /tmp/folder',
    'something is mounted': 'mount -t tmpfs none /tmp/folder',
    'something is unmounted': 'umount /tmp/folder',
    'a folder is removed': 'rmdir /tmp/folder',
    'a module is loaded': 'modprobe loop',
    'a module is removed': 'rmmod loop',
    'a process is signalled': 'kill -CONT 1',
  }
  for (const [title, script] of Object.entries(deeds)) {
    const { calls, result } = await traced(['sh', '-c', script])
    const seen = compare(calls, []).unannounced
    check(`control: it is seen when ${title}`, result.exitCode === 0 && seen.length > 0, { result, seen })
  }
  const { calls } = await traced(['sh', '-c', 'cat /etc/hostname > /dev/null; ls / | wc -l 2> /dev/null; kill -0 1'])
  const seen = compare(calls, []).unannounced
  check('control: reading, pipes and the null device are no changes', seen.length === 0, seen)
}

/** One file for each thread, so that no call is torn in two by another's. */
async function traced(command) {
  const folder = mkdtempSync('/run/system-calls-')
  // A question mark, because an older strace does not know the newest calls.
  const options = ['-ff', '--seccomp-bpf', '-qq', '-ttt', '-y', '-s', '65536', '-o', `${folder}/trace`]
  const result = await run(
    'strace',
    [...options, '-e', `trace=${tracedCalls.map((name) => `?${name}`).join(',')}`, ...command],
    {
      timeoutMs: 300_000,
    },
  )
  const texts = readdirSync(folder).map((file) => [
    file.slice('trace.'.length),
    readFileSync(`${folder}/${file}`, 'utf8'),
  ])
  return { result, calls: parseTrace(Object.fromEntries(texts)) }
}

/** The files that modprobe loads for a module: its own and what modules.dep and modules.softdep name, as the kernel's tree has them. */
function moduleFiles(name) {
  const folder = `/lib/modules/${readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()}`
  const dependencies = readFileSync(`${folder}/modules.dep`, 'utf8')
    .split('\n')
    .map((line) => line.split(/:? /).filter(Boolean))
  const soft = readFileSync(`${folder}/modules.softdep`, 'utf8')
    .split('\n')
    .map((line) => line.split(/\s+/))
  const same = (left, right) => left.replaceAll('-', '_') === right.replaceAll('-', '_')
  const found = new Set()
  const add = (wanted) => {
    const files = dependencies.find(([first = '']) => same(basename(first).split('.ko')[0], wanted)) ?? []
    for (const file of files) {
      if (found.has(file)) continue
      found.add(file)
      const own = basename(file).split('.ko')[0]
      for (const [keyword, module = '', ...others] of soft) {
        if (keyword === 'softdep' && same(module, own)) for (const other of others) if (!other.endsWith(':')) add(other)
      }
    }
  }
  add(name)
  return [...found].map((file) => realpathSync(`${folder}/${file.replace(/:$/, '')}`))
}
