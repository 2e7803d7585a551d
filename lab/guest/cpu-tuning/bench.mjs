import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createJanus, defineModule } from '../../../packages/core/dist/index.js'
import * as z from '../../../packages/core/dist/zod.js'
import { check, repository, stateDifferences } from '../kit.mjs'

/** What counts, dates or measures: it changes by itself. */
const RESTLESS =
  /\/(?:stats|hotplug|power|cache|microcode|cpuidle|sections|node\d+|crash_notes.*|uevent|scaling_cur_freq|cpuinfo_cur_freq|cpuinfo_avg_freq|spurious|effective_affinity(?:_list)?|thermal_throttle)$/

/** An SDK with the built modules, and one that writes what a test wants to see refused by the kernel. */
export function openJanus(changes = []) {
  const module = defineModule({
    metadata: { type: 'test', id: 'test-changes', version: '0.0.1', compatApi: 1, summary: 'changes of this scenario' },
    options: z.strictObject({}),
    check: async () => [],
    apply: async () => changes,
  })
  return createJanus({
    sources: [
      // As the command has it: the modules of the house run in its process.
      { kind: 'package', path: `${repository}packages/modules-cpu`, isolation: 'in-process' },
      { kind: 'module', module },
    ],
  })
}

/** Every file and link below these folders, with its text. */
export function treesOf(folders) {
  const state = {}
  const visit = (path) => {
    if (RESTLESS.test(path)) return
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return
    const mode = (stat.mode & 0o7777).toString(8)
    if (stat.isSymbolicLink()) state[path] = `link to ${readlinkSync(path)}`
    else if (stat.isDirectory()) {
      state[path] = `directory ${mode}`
      for (const name of readdirSync(path)) visit(`${path}/${name}`)
    } else state[path] = `${mode} ${textOf(path)}`
  }
  for (const folder of folders) visit(folder)
  state['loaded modules'] = readFileSync('/proc/modules', 'utf8')
    .split('\n')
    .map((line) => line.split(' ', 1)[0])
    .sort()
    .join(' ')
  return state
}

function textOf(path) {
  try {
    return JSON.stringify(readFileSync(path, 'latin1'))
  } catch (error) {
    return error.code
  }
}

/** Check, plan, apply, check, plan, rollback: what a module promises, on these trees. */
export async function lifeCycle(janus, title, { module, options, folders, accept = [], whileApplied }) {
  const before = treesOf(folders)
  const plan = await janus.plan(module, options)
  check(`${title}: there is something to do`, plan.changes.length > 0, plan)
  const dry = stateDifferences(before, treesOf(folders))
  check(`${title}: planning changes nothing`, isEmpty(dry), dry)
  const applied = await attempt(() => janus.apply(plan, { accept }))
  if (!check(`${title}: it is applied`, applied.error === undefined, applied.error)) return
  const again = await attempt(() => janus.plan(module, options))
  check(`${title}: a second plan is empty`, again.value?.changes.length === 0, again)
  await whileApplied?.(plan, applied.value)
  const [undone] = await janus.rollback()
  check(`${title}: it is rolled back`, undone?.outcome === 'undone', undone)
  const after = stateDifferences(before, treesOf(folders))
  check(`${title}: afterwards everything is as before`, isEmpty(after), after)
}

/** Refused with this code and this word, and nothing is changed by that. */
export async function refusal(title, code, word, work) {
  const { error } = await attempt(work)
  check(title, error?.code === code && `${error?.message}`.includes(word), error)
}

/** Its value, or the error in a form that can be reported. */
export async function attempt(work) {
  try {
    return { value: await work() }
  } catch (error) {
    return { error: { code: error.code, message: error.message, data: error.data } }
  }
}

function isEmpty(object) {
  return Object.keys(object).length === 0
}
