import {
  type Change,
  describeChange,
  type Finding,
  type Janus,
  janusError,
  type Plan,
  type UndoReport,
} from '@janus/core'
import { quoteWord } from '../review/quote-word.js'
import { visibleLine } from '../review/visible-text.js'
import type { AgentCall, AgentCommand } from './agent-command.js'

const MODULE = 'agent-install'
const INCOMPLETE = 4

/** Options whose text goes to the module as it is, by the name of the option there. */
const TEXTS = {
  config: 'config',
  'state-directory': 'stateDirectory',
  user: 'user',
  home: 'home',
  vessel: 'vessel',
  charter: 'charter',
  program: 'program',
} as const

/** `install`. */
export const install: AgentCommand = {
  words: 'install',
  summary: 'Shows the plan that makes the agent a service: user, directories, configuration, units.',
  details: ['--apply carries out exactly this plan; --uninstall undoes what the journal has of it.'],
  positionals: [],
  options: {
    apply: { type: 'boolean', summary: 'carry it out, after a yes' },
    uninstall: { type: 'boolean', summary: 'undo it: shown only, carried out with --apply' },
    yes: { type: 'boolean', summary: 'ask nothing' },
    'state-directory': { type: 'string', value: '<directory>', summary: 'of the record (/srv/janus/state)' },
    user: { type: 'string', value: '<name>', summary: 'whom it runs as; made when absent (janus)' },
    home: { type: 'string', value: '<directory>', summary: 'of what it keeps (/srv/janus)' },
    vessel: { type: 'string', value: '<id>', summary: 'who it is, for a configuration that is made' },
    charter: { type: 'string', value: '<file>', summary: 'a charter to copy beside it' },
    program: { type: 'string', value: '<path>', summary: 'what the units start (the janus on PATH)' },
    address: {
      type: 'string',
      multiple: true,
      value: '<address>',
      summary: 'an address or network it may reach besides loopback; may be repeated',
    },
    'no-enable': { type: 'boolean', summary: 'do not start it with the machine' },
    start: { type: 'boolean', summary: 'start it now' },
  },
  example: 'install --apply',
  standsAlone: true,
  async run(call) {
    const janus = await call.context.open()
    return call.flag('uninstall') ? uninstall(call, janus) : installation(call, janus)
  },
}

async function installation(call: AgentCall, janus: Janus) {
  const { context } = call
  const options = moduleOptions(call)
  const plan = await janus.plan(MODULE, options, { signal: context.signal })
  const { modules } = await janus.check({ modules: [MODULE], options: { [MODULE]: options }, signal: context.signal })
  const shown = [...planLines(plan), '', ...findingLines(modules.flatMap(({ findings }) => findings))].join('\n')
  if (!call.flag('apply') || plan.changes.length === 0) {
    const next =
      plan.changes.length === 0 ? [] : ['', `Nothing was changed. Carry it out with: ${commandLine(call, '--apply')}`]
    return { data: { plan, report: null }, text: [shown, ...next].join('\n') }
  }
  context.print(shown)
  await janus.preflight(plan)
  await context.confirm({
    question: `Apply plan ${plan.digest.slice(0, 12)} (${plan.changes.length} steps)?`,
    yes: call.flag('yes'),
  })
  const report = await context.mutate(() => janus.apply(plan, { signal: context.signal }))
  return {
    data: { plan, report },
    text: [
      `Installed, ${report.steps.length} steps, each verified; transaction ${report.transaction}.`,
      ...(call.flag('start') ? [] : ['Look at the configuration, then: systemctl start janus-agent']),
      `Undo it with: ${call.program} install --uninstall --apply`,
    ].join('\n'),
  }
}

/** What one installation left a later one may have added to: with it goes what came after, the newest first. */
async function uninstall(call: AgentCall, janus: Janus) {
  const { context } = call
  const made = (await janus.history()).filter(({ module, canRollBack }) => module.id === MODULE && canRollBack)
  const oldestFirst = made.toSorted((one, other) => one.startedAt.localeCompare(other.startedAt)).map(({ id }) => id)
  if (oldestFirst.length === 0) {
    throw janusError('JANUS_USAGE', 'the journal has no installation of the agent that could be undone', {
      remedy: 'Only what was installed by Janus is undone by it; `janus history` lists it, for root.',
    })
  }
  const undo = async (dryRun: boolean): Promise<readonly UndoReport[]> => {
    const reports: UndoReport[] = []
    for (const transaction of oldestFirst) {
      if (reports.some((report) => report.transaction === transaction)) continue
      reports.push(...(await janus.rollback({ transaction, cascade: true, dryRun, signal: context.signal })))
    }
    return reports
  }
  const planned = await undo(true)
  const shown = undoLines(planned).join('\n')
  if (!call.flag('apply')) {
    const next = `Nothing was changed. Carry it out with: ${call.program} install --uninstall --apply`
    return { data: { reports: planned }, text: `${shown}\n\n${next}` }
  }
  context.print(shown)
  await context.confirm({
    question: `Roll back ${planned.map(({ transaction }) => transaction).join(', ')}?`,
    yes: call.flag('yes'),
  })
  const reports = await context.mutate(() => undo(false))
  const left = reports.some(({ outcome }) => outcome === 'incomplete')
  const end = left
    ? 'Something was left; what and why stands above.'
    : 'Undone. The record and the workspaces, where there were any, are still there.'
  return { data: { reports }, text: [...undoLines(reports), '', end].join('\n'), exitCode: left ? INCOMPLETE : 0 }
}

/** The same command once more, with one option more. */
function commandLine(call: AgentCall, more: string): string {
  const texts = Object.keys(TEXTS).flatMap((name) => {
    const text = name === 'config' ? call.config : call.text(name)
    return text === undefined ? [] : [`--${name} ${quoteWord(text)}`]
  })
  const addresses = call.texts('address').map((address) => `--address ${quoteWord(address)}`)
  const flags = ['no-enable', 'start'].filter((name) => call.flag(name)).map((name) => `--${name}`)
  return [call.program, 'install', ...texts, ...addresses, ...flags, more].join(' ')
}

function moduleOptions(call: AgentCall): Readonly<Record<string, unknown>> {
  const texts = Object.entries(TEXTS).flatMap(([name, option]) => {
    const text = name === 'config' ? call.config : call.text(name)
    return text === undefined ? [] : [[option, text] as const]
  })
  return {
    ...Object.fromEntries(texts),
    addresses: call.texts('address'),
    enable: !call.flag('no-enable'),
    start: call.flag('start'),
  }
}

function planLines({ changes, digest }: Plan): readonly string[] {
  if (changes.length === 0) return ['Nothing to do: the agent is installed as wanted.']
  return [
    `plan ${digest}`,
    ...changes.flatMap((change, index) => [
      `${String(index + 1).padStart(3)}. ${visibleLine(describeChange(change))}${whose(change)}`,
      `     ${visibleLine(change.why)}`,
      ...(change.kind === 'write-file' && 'text' in change.content
        ? change.content.text
            .trimEnd()
            .split('\n')
            .map((line) => `     | ${visibleLine(line)}`)
        : []),
    ]),
  ]
}

function findingLines(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(({ id, status, summary, remedy }) => [
    `${status.padEnd(8)} ${id.replace(/^install-/, '').padEnd(14)} ${visibleLine(summary)}`,
    ...(remedy === undefined || status === 'ok' ? [] : [`${''.padEnd(23)} → ${visibleLine(remedy)}`]),
  ])
}

function undoLines(reports: readonly UndoReport[]): readonly string[] {
  return reports.flatMap(({ transaction, steps }) => [
    `transaction ${transaction}`,
    ...steps.map(
      ({ change, outcome, reason }) =>
        `  ${outcome.padEnd(10)} ${visibleLine(describeChange(change))}${reason === undefined ? '' : `: ${visibleLine(reason)}`}`,
    ),
  ])
}

function whose(change: Change): string {
  if (change.kind !== 'write-file' && change.kind !== 'create-directory') return ''
  const { mode, owner } = change
  return ` (mode 0${mode.toString(8)}${owner === undefined ? '' : `, owner ${owner.uid}:${owner.gid}`})`
}
