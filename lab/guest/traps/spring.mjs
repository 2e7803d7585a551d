import { differences, hostState, run } from '../kit.mjs'

/**
 * Sets a trap and has a tool walk into it. Returns the scene, what the tool answered, and what became of the machine:
 * `{ scene, home, answers, baseline, before, after, changed, harm, flaws, kernelErrors }`.
 */
export async function spring(trap, addresses, tool) {
  const baseline = await hostState()
  const scene = await trap.prepare(addresses, tool)
  const before = await hostState()
  const said = await kernelErrors()
  const home = scene.home ?? before.devices[scene.device]?.driver
  const answers = []
  const harm = []
  for (const [at, ask] of scene.asks.entries()) {
    answers.push({ ask, ...(await (ask === 'bind' ? tool.bind(scene.device) : tool.giveBack(scene.device, home))) })
    if (at === 0 && scene.asks.length > 1) harm.push(...((await scene.between?.()) ?? []))
    for (const broken of (await scene.harm?.()) ?? []) if (!harm.includes(broken)) harm.push(broken)
  }
  const flaws = (await scene.flaws?.()) ?? []
  const after = await hostState()
  const newErrors = (await kernelErrors()).filter((line) => !said.includes(line))
  return {
    scene,
    home,
    answers,
    baseline,
    before,
    after,
    changed: differences(before, after),
    harm,
    flaws,
    kernelErrors: newErrors,
  }
}

async function kernelErrors() {
  const { stdout } = await run('dmesg', ['--level', 'emerg,alert,crit,err'])
  return stdout.split('\n').filter(Boolean)
}
