// The trap set through the built CLI: each has to leave every device and file system as it was, with a telling answer.
import { check, differences, finish, hostState, janus, janusJson, note } from './kit.mjs'
import { blockedUnbind } from './traps/blocked-unbind.mjs'
import { traps } from './traps/index.mjs'
import { wrongNames } from './traps/names.mjs'
import { spring } from './traps/spring.mjs'
import { bringHome } from './traps/sysfs.mjs'

const { addresses, machine = 'standard', smoke = false, only } = JSON.parse(process.argv[2])
const tool = {
  name: 'janus',
  bind: (address) => janus('bind', '--device', address, '--apply', '--yes'),
  giveBack: () => janus('bind', '--rollback', '--yes'),
}

const start = await hostState()
for (const trap of traps) {
  if ((trap.machine ?? 'standard') === machine && isChosen(trap)) await walkInto(trap)
}
if (machine === 'standard') {
  if (isChosen({ name: 'wrong-names' })) await wrongNames(addresses)
  if (isChosen({ name: 'blocked-unbind' })) await blockedUnbind(addresses)
}
const changed = differences(start, await hostState())
check('after the whole set every device is as at the start', isEmpty(changed), changed)
const status = await janusJson('status')
check('after the whole set nothing is left to undo or to recover', status.document?.data?.clean === true, status)
finish()

function isChosen({ name, smoke: isSmoke = false }) {
  return only === undefined ? isSmoke || !smoke : only.includes(name)
}

async function walkInto(trap) {
  const { name, title } = trap
  const began = performance.now()
  const found = await spring(trap, addresses, tool)
  const { scene, answers, changed, harm, kernelErrors } = found
  for (const [at, answer] of answers.entries()) {
    const expected = scene.exits[at]
    check(`${name}: ${title}: ${answer.ask} ends with ${expected}`, answer.exitCode === expected, answer)
  }
  const said = answers.map(({ stderr }) => stderr).join('\n')
  for (const evidence of scene.evidence ?? [])
    check(`${name}: the message names ${evidence}`, said.includes(evidence), said)
  check(`${name}: no device is left without the driver and override it had`, isEmpty(changed), changed)
  check(`${name}: nothing is hurt`, harm.length === 0, harm)
  check(`${name}: the kernel reports no error`, kernelErrors.length === 0, kernelErrors)
  await comeHome(trap, found)
  note(`${name}: ${Math.round(performance.now() - began)} ms; ${said.trim().split('\n')[0]}`)
}

async function comeHome({ name }, { scene, home, baseline }) {
  await scene.release?.()
  if (scene.returnsBy) {
    const returned = await tool.giveBack(scene.device, home)
    check(`${name}: once released, giving it back succeeds`, returned.exitCode === 0, returned)
    const left = differences(baseline, await hostState())
    check(`${name}: and everything is as before`, isEmpty(left), left)
  }
  // Only after everything was checked: a failed trap must not spoil the next.
  for (const address of Object.keys(differences(baseline, await hostState()))) {
    if (baseline.devices[address]) await bringHome(address, baseline.devices[address])
  }
  await scene.close?.()
}

function isEmpty(object) {
  return Object.keys(object).length === 0
}
