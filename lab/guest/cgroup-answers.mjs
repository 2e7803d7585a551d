// Records what the kernel answers to everything that Janus does with cgroups, for the in-memory kernel model.
import { closeSync, constants, fsyncSync, mkdirSync, openSync, readFileSync, rmdirSync, writeSync } from 'node:fs'
import { startSleeper } from './kit/cgroups.mjs'
import { check, finish, value } from './kit.mjs'

const ROOT = '/sys/fs/cgroup'
const task = startSleeper()
const answers = []

const mkdir = (name) => keep({ kind: 'mkdir', name }, () => mkdirSync(`${ROOT}/${name}`))
const rmdir = (name) => keep({ kind: 'rmdir', name }, () => rmdirSync(`${ROOT}/${name}`))
/** Writes and reads back; what reads as nobody wrote it is worth a line too. */
function write(name, content, ...alsoRead) {
  keep({ kind: 'write', name, content }, () => {
    const descriptor = openSync(`${ROOT}/${name}`, constants.O_WRONLY)
    try {
      writeSync(descriptor, content.replace('<task>', task.pid))
    } finally {
      closeSync(descriptor)
    }
  })
  for (const other of [...(name.endsWith('procs') ? [] : [name]), ...alsoRead]) read(other)
}
function read(name) {
  const answer = { operation: { kind: 'read', name } }
  try {
    answer.text = readFileSync(`${ROOT}/${name}`, 'utf8').replaceAll(String(task.pid), '<task>')
    answer.result = 'ok'
  } catch (error) {
    answer.result = error.code
  }
  answers.push(answer)
}

const CONTROL = 'cgroup.subtree_control'
const EFFECTIVE = 'cpuset.cpus.effective'
mkdir('j')
mkdir('j')
write('j/cpuset.cpus', '2-3')
write(CONTROL, '+bogus')
write(CONTROL, '+cpuset')
write(CONTROL, '+cpuset')
mkdir('j/k')
write('j/k/cpuset.cpus', '2')
write(`j/k/${CONTROL}`, '+cpuset')
rmdir('j')
rmdir('j/k')
for (const cpus of ['3,2', '2-3\n', '1,3', '9', 'x', '3-2', '\n', '2-3']) write('j/cpuset.cpus', cpus)
for (const kind of ['bogus', 'isolated', 'root', 'member', 'isolated\n'])
  write('j/cpuset.cpus.partition', kind, EFFECTIVE)
for (const pid of ['999999', 'abc', '2', '<task>']) write('j/cgroup.procs', pid)
read('j/cgroup.events')
rmdir('j')
write('j/cpuset.cpus', '\n', 'j/cpuset.cpus.partition')
write('j/cpuset.cpus', '0-3', 'j/cpuset.cpus.partition', EFFECTIVE)
write('j/cpuset.cpus', '2-3', 'j/cpuset.cpus.partition', EFFECTIVE)
write('j/cpuset.cpus.partition', 'member', EFFECTIVE)
write('cgroup.procs', '<task>')
mkdir('s')
write('s/cpuset.cpus', '3')
write('j/cpuset.cpus.partition', 'isolated', EFFECTIVE)
write('s/cpuset.cpus', '\n', 'j/cpuset.cpus.partition')
write('j/cpuset.cpus.partition', 'isolated')
write('j/cpuset.cpus', '2-3', 'j/cpuset.cpus.partition')
write('j/cpuset.cpus.partition', 'member')
write('j/cpuset.cpus.partition', 'isolated', EFFECTIVE)
write('s/cpuset.cpus.partition', 'isolated')
write(`j/${CONTROL}`, '+cpuset')
write(CONTROL, '-cpuset')
write(`j/${CONTROL}`, '-cpuset')
// When the root has the processors of a partition again that ends this way is not said: the kernel does it behind the write.
write(CONTROL, '-cpuset', 'j/cpuset.cpus')
write(CONTROL, '+cpuset', 'j/cpuset.cpus', 'j/cpuset.cpus.partition')
rmdir('j')
rmdir('s')
write(CONTROL, '-cpuset')
const fsync = outcome(() => fsyncSync(openSync(ROOT, 'r')))
check('nothing of a cgroup can be made durable: fsync answers EINVAL', fsync === 'EINVAL', fsync)
value('cgroup-answers', answers)
task.kill()
finish()

function keep(operation, act) {
  answers.push({ operation, result: outcome(act) })
}

function outcome(act) {
  try {
    act()
    return 'ok'
  } catch (error) {
    return error.code
  }
}
