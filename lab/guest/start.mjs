// Runs in the guest, before the scenario's program: brings the machine to the state of a freshly started host.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { loadDriversByModalias, mountDevice, note, report, run } from './kit.mjs'

const job = JSON.parse(readFileSync('/run/janus-lab/job.json', 'utf8'))

await run('ip', ['link', 'set', 'lo', 'up'])
if (job.loadDrivers) await loadDriversByModalias()
else if (job.mounts.length > 0) await run('modprobe', ['virtio_blk'])
nameDisks()
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

// What udev would do for disks with a serial number.
function nameDisks() {
  mkdirSync('/dev/janus', { recursive: true })
  for (const disk of readdirSync('/sys/block').filter((name) => name.startsWith('vd'))) {
    const name = readFileSync(`/sys/block/${disk}/serial`, 'utf8').trim()
    if (name !== '') symlinkSync(`../${disk}`, `/dev/janus/${name}`)
  }
}
