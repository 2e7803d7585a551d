// Runs in the guest, before the scenario's program: brings the machine to the state of a freshly started host.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { loadDriversByModalias, mountDevice, note, report, run } from './kit.mjs'

const job = JSON.parse(readFileSync('/run/janus-lab/job.json', 'utf8'))

await run('ip', ['link', 'set', 'lo', 'up'])
if (job.mounts.length > 0) await run('modprobe', ['virtio_blk'])
nameDisks()
// First, because /etc says how drivers are loaded.
for (const { name, layerAt } of job.mounts) if (layerAt) await mountLayer(name, layerAt)
if (job.loadDrivers) await loadDriversByModalias()
for (const { name, mountAt } of job.mounts) if (mountAt) await mountDevice(`/dev/janus/${name}`, mountAt)

const [uptime] = readFileSync('/proc/uptime', 'utf8').split(' ')
report({ type: 'started', uptimeSeconds: Number(uptime) })
const program = spawn(process.execPath, [job.program, ...job.args], {
  stdio: ['ignore', 'inherit', 'inherit', 3],
  env: { ...process.env, ...job.environment },
})
program.once('error', (error) => note(`the program cannot be started: ${error.message}`))
program.once('close', (code, signal) => {
  if (signal) note(`the program was ended by ${signal}`)
  process.exit(code ?? 128)
})

async function mountLayer(name, folder) {
  const disk = `/run/janus-lab/disks/${name}`
  await mountDevice(`/dev/janus/${name}`, disk)
  const isNew = !existsSync(`${disk}/upper`)
  for (const part of ['upper', 'work']) mkdirSync(`${disk}/${part}`, { recursive: true })
  const { stderr } = await run('mount', [
    ...['-t', 'overlay', '-o', `lowerdir=${folder},upperdir=${disk}/upper,workdir=${disk}/work`, name, folder],
  ])
  if (stderr) note(`layer on ${folder}: ${stderr}`)
  // What the host has set for its own hardware, which a folder in memory hides otherwise.
  if (isNew && folder === '/etc') {
    rmSync('/etc/modprobe.d', { recursive: true, force: true })
    mkdirSync('/etc/modprobe.d')
  }
}

// What udev would do for disks with a serial number.
function nameDisks() {
  mkdirSync('/dev/janus', { recursive: true })
  for (const disk of readdirSync('/sys/block').filter((name) => name.startsWith('vd'))) {
    const name = readFileSync(`/sys/block/${disk}/serial`, 'utf8').trim()
    if (name !== '') symlinkSync(`../${disk}`, `/dev/janus/${name}`)
  }
}
