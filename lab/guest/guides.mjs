// The commands of pages, in their order, as root in an empty directory; what each prints is for the host to compare.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { check, differences, finish, hostState, janusProgram, run, value } from './kit.mjs'

const commands = JSON.parse(process.argv[2])
const folder = '/run/janus-lab/guides'
const programs = `${folder}/bin`
const work = `${folder}/work`
for (const path of [programs, work, `${folder}/home`]) mkdirSync(path, { recursive: true, mode: 0o700 })
program('janus', `exec '${process.execPath}' '${janusProgram}' "$@"`)
// Root needs no sudo, and the machine has none.
program('sudo', 'exec "$@"')

const before = await hostState()
const answers = []
for (const command of commands) {
  const result = await go(command)
  // On a terminal it asks, and whoever follows a page says yes.
  const asked = result.stdout.includes('[JANUS_CONFIRMATION_REQUIRED]')
  const { stdout, exitCode } = asked ? await go(`${command} --yes`) : result
  answers.push(stdout)
  // A refusal that a page shows is for the host to compare; a check may find something.
  const expected = exitCode === 0 || stdout.includes('[JANUS_DEVICE_REFUSED]') || /\bcheck\b/.test(command)
  check(`${command} ends as it should`, expected, { stdout, exitCode })
}
value('answers', answers)
const changed = differences(before, await hostState())
check('afterwards driver and override of every device are as before', Object.keys(changed).length === 0, changed)
finish()

function program(name, line) {
  writeFileSync(`${programs}/${name}`, `#!/bin/sh\n${line}\n`)
  chmodSync(`${programs}/${name}`, 0o755)
}

function go(command) {
  const env = { HOME: `${folder}/home`, PATH: `${programs}:${process.env.PATH}`, NO_COLOR: '1' }
  return run('sh', ['-c', `${command} 2>&1`], { cwd: work, env, timeoutMs: 300_000 })
}
