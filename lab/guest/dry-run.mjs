// Runs every command that must not change anything and compares all that can be written before and after each.
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { killJanusAt } from './kit/held-janus.mjs'
import {
  check,
  device,
  differences,
  finish,
  hostState,
  janus,
  janusProgram,
  loadModule,
  note,
  run,
  stateDifferences,
  unloadModule,
  writableMounts,
  writableState,
} from './kit.mjs'

const {
  nvme,
  twins: [absent],
} = JSON.parse(process.argv[2])
const all = process.argv[3] === 'all'
const STATE = '/var/lib/janus'
const JOURNAL = `${STATE}/journal.jsonl`
const USER = { id: 4242, home: '/run/janus-lab/user' }
const bind = ['bind', '--device', nvme]
const pages = ['-o', 'pages=4']

const before = await hostState()
mkdirSync(USER.home, { mode: 0o700 })
chownSync(USER.home, USER.id, USER.id)
note(`compared: ${writableMounts().join(' ')}`)

await control()
await nothingApplied()
await somethingApplied()
if (all) await somethingInterrupted()
finish()

/** The comparison notices what it is for; otherwise everything below says nothing. */
async function control() {
  const file = '/tmp/janus-control'
  writeFileSync(file, 'content')
  const override = `/sys/bus/pci/devices/${nvme}/driver_override`
  const deeds = {
    'a new file': () => writeFileSync('/var/tmp/janus-control', ''),
    'a removed file': () => rmSync('/var/tmp/janus-control'),
    'a new folder': () => mkdirSync('/root/janus-control'),
    'a touched file': () => utimesSync(file, 1, 1),
    'a changed mode': () => chmodSync(file, 0o600),
    'a changed owner': () => chownSync(file, USER.id, USER.id),
    'other bytes of the same size': () => writeFileSync(file, 'CONTENT'),
    'a file that was there only for a moment': () => {
      writeFileSync('/etc/janus-control', '')
      rmSync('/etc/janus-control')
    },
    'a file of the host with another mode': () => chmodSync('/etc/passwd', 0o600),
    'a link': () => symlinkSync('/nowhere', '/usr/local/janus-control'),
    'a renamed file': () => renameSync('/usr/local/janus-control', '/usr/local/janus-renamed'),
    'a file in memory': () => writeFileSync('/dev/shm/janus-control', ''),
    'a modprobe option': () => writeFileSync('/etc/modprobe.d/janus.conf', ''),
    'an override': () => writeFileSync(override, 'vfio-pci'),
    'an override taken away': () => writeFileSync(override, '\n'),
    'a loaded module': () => loadModule('loop'),
    'an unloaded module': () => unloadModule('loop'),
  }
  let state = writableState()
  for (const [title, deed] of Object.entries(deeds)) {
    await deed()
    const after = writableState()
    check(`control: ${title} is noticed`, !isEmpty(stateDifferences(state, after)))
    state = after
  }
  await run('cat', ['/etc/hostname', '/proc/modules'])
  const read = stateDifferences(state, writableState())
  check('control: reading is no change', isEmpty(read), read)
}

async function nothingApplied() {
  const plan = ['plan', 'gpu-vfio', '-o', `devices=${nvme}`]
  const jsonDryRun = [...bind, '--dry-run', '--yes', '--json']
  const applyPages = ['apply', 'cpu-hugepages', ...pages]
  const bindGroup = ['bind', '--group', device(nvme).group]
  await unchanged('root', 0, ['help'], ['--version'], ['apply', '--help'], ['module', 'list'])
  await unchanged('root', 0, ['init', '--dry-run'], ['bind', '--list'], ['status'], ['history'])
  await unchanged('root', [0, 1], ['check', '--no-interactive'], ['check', '--json'])
  await unchanged('root', 0, bind, plan, jsonDryRun, bindGroup, ['module', 'show', 'gpu-vfio'])
  await unchanged('root', 0, ['recover', '--dry-run'], ['recover', '--yes'], ['plan', 'cpu-hugepages', ...pages])
  await unchanged('root', 1, ['rollback', '--dry-run'], ['rollback', '--yes'], ['bind', '--rollback', '--dry-run'])
  // Nobody can be asked for a yes here, and nothing may be taken for one.
  await unchanged('root', 1, [...bind, '--apply'], applyPages, ['init'], ['apply', 'gpu-vfio'])
  await unchanged('root', 1, ['bind', '--device', absent, '--apply', '--yes'], ['no-such-command'], ['snapshot'])

  await unchanged('user', 0, bind, ['init', '--dry-run'], ['bind', '--list'], plan, ['recover', '--dry-run'])
  await unchanged('user', 0, ['status'], ['module', 'list'], ['--version'], ['help', 'bind'], ['history'])
  await unchanged('user', [0, 1], ['check'])
  await unchanged('user', 1, ['rollback', '--dry-run'], ['init'], ['rollback', '--yes'], ['bind', '--rollback'])
  await unchanged('user', 1, [...bind, '--apply', '--yes'], [...applyPages, '--yes'])
  check('nobody has made a state directory', !existsSync(STATE) && !existsSync(`${USER.home}/.local`))
}

async function somethingApplied() {
  const applied = await janus(...bind, '--apply', '--yes')
  check('a binding can be applied', applied.exitCode === 0, applied)
  await unchanged('root', 0, ['rollback', '--dry-run'], ['bind', '--rollback', '--dry-run', '--yes', '--json'])
  await unchanged('root', 0, ['recover', '--dry-run'], ['recover'], ['history', 'prune', '--dry-run'], bind)
  await unchanged('root', 0, ['status'], ['history', '--json'], [...bind, '--apply', '--yes'])
  await unchanged('root', 1, ['rollback'], ['bind', '--rollback'], ['rollback', 'no-such-transaction', '--yes'])
  // What root has done is never shown to others as an empty list.
  await unchanged('user', 1, ['rollback', '--dry-run'], ['recover', '--dry-run'], ['status'], ['history'])
  const undone = await janus('rollback', '--yes')
  check('the binding can be rolled back', undone.exitCode === 0, undone)
}

async function somethingInterrupted() {
  const killed = await killJanusAt([...bind, '--apply', '--yes'], { call: 'fsync', nth: 3 })
  check('an apply is killed in its middle', killed.hit, killed)
  // As a power cut in the middle of a write leaves it.
  appendFileSync(JOURNAL, '{"schema":"janus.led')
  const open = await janus('recover', '--dry-run', '--json')
  const transactions = JSON.parse(open.stdout).data?.transactions ?? []
  check('it is found interrupted', transactions.length === 1, open)
  await unchanged('root', 0, ['recover', '--dry-run'], ['history'])
  await unchanged('root', 1, ['recover'], ['status'])
  await unchanged('root', [0, 1], ['rollback', '--dry-run'], ['bind', '--rollback', '--dry-run'])
  await unchanged('user', 1, ['recover', '--dry-run'], ['status'])
  const recovered = await janus('recover', '--yes')
  check('it can be recovered', recovered.exitCode === 0, recovered)
  const left = differences(before, await hostState())
  check('afterwards everything is as before', isEmpty(left), left)
}

/** Runs commands, two at a time, and compares before the first and after the last. The smoke part takes the first two. */
async function unchanged(who, exitCodes, ...group) {
  const commands = all ? group : group.slice(0, 2)
  const state = writableState()
  for (let at = 0; at < commands.length; at += 2) {
    await Promise.all(commands.slice(at, at + 2).map((args) => endsWith(who, exitCodes, args)))
  }
  const changed = stateDifferences(state, writableState())
  const together = commands.map((args) => args.join(' ')).join('; ')
  check(`${who}: nothing is changed by janus ${together}`, isEmpty(changed), changed)
}

async function endsWith(who, exitCodes, args) {
  const result = await (who === 'root' ? janus(...args) : asUser(args))
  check(`${who}: janus ${args.join(' ')} ends with ${exitCodes}`, [exitCodes].flat().includes(result.exitCode), result)
}

function asUser(args) {
  const { id, home } = USER
  const identity = ['--reuid', `${id}`, '--regid', `${id}`, '--clear-groups', '--inh-caps=-all']
  const environment = { HOME: home, USER: 'user', LOGNAME: 'user' }
  const options = { env: environment, cwd: home, timeoutMs: 120_000 }
  return run('setpriv', [...identity, process.execPath, janusProgram, ...args], options)
}

function isEmpty(object) {
  return Object.keys(object).length === 0
}
