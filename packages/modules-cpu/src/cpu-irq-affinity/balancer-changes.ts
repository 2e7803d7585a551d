import { type Change, formatCpuList, formatCpuMask, type Host } from '@janus/core'
import { type Balancer, UNIT } from './balancer.js'
import { environmentLine, parseEnvironmentFile } from './unit-environment.js'

const DIRECTORY = `/run/systemd/system/${UNIT}.d`
const DROP_IN = `${DIRECTORY}/90-janus-cpu-irq-affinity.conf`
const ENVIRONMENT = `${DIRECTORY}/90-janus-cpu-irq-affinity.env`
const RELOAD = { kind: 'run-command', command: 'systemctl', args: ['daemon-reload'], timeout: 90_000 } as const
// Only one that runs: what was stopped since is not started.
const RESTART = { kind: 'run-command', command: 'systemctl', args: ['try-restart', UNIT], timeout: 90_000 } as const
const scope = 'runtime'

const HEADER = [
  '# Written by Janus (cpu-irq-affinity): what irqbalance is to leave alone.',
  '# Undo it with: janus rollback',
]

/** What irqbalance is to leave to others. */
export interface Ban {
  readonly cpus?: readonly number[]
  readonly interrupts?: readonly number[]
}

/** True where irqbalance leaves all of it alone already. */
export function isBanned(balancer: Balancer, { cpus = [], interrupts = [] }: Ban): boolean {
  return (
    cpus.every((cpu) => balancer.bannedCpus.includes(cpu)) &&
    interrupts.every((number) => balancer.bannedInterrupts.includes(number))
  )
}

/** True where it can be told: by a drop-in of its unit, and of interrupts where that passes arguments on. */
export function canBeTold(balancer: Balancer, { interrupts = [] }: Ban): boolean {
  return balancer.isUnit && (interrupts.length === 0 || balancer.arguments !== undefined)
}

/**
 * The changes that tell irqbalance what to leave alone, beside what it leaves alone now: a drop-in that ends with the boot, as
 * affinities do, and a restart, because it reads its environment when it starts and never again. None where it knows already.
 */
export async function balancerChanges(host: Host, balancer: Balancer, ban: Ban): Promise<readonly Change[]> {
  if (isBanned(balancer, ban) || !canBeTold(balancer, ban)) return []
  const hasDirectory = await host.exists(DIRECTORY)
  const hasDropIn = (await host.readText(DROP_IN)).value === dropIn()
  const content = await environment(host, balancer, ban)
  const words = banWords(ban)
  const runs = [{ kind: 'exists', path: balancer.evidence.path }] as const
  return [
    // Undone in reverse, the first step comes last: behind it systemd starts irqbalance with what is left.
    {
      ...RELOAD,
      why: 'have systemd read what there is, and once it is undone what is left',
      scope,
      undo: [
        { ...RELOAD, why: 'have systemd forget the drop-in', scope },
        {
          ...RESTART,
          why: 'have irqbalance start with what it was started with before',
          onlyWhen: runs,
          scope,
        },
      ],
    },
    ...(hasDirectory ? [] : [directoryChange()]),
    fileChange(ENVIRONMENT, content, `tell irqbalance to leave alone ${words}`),
    ...(hasDropIn ? [] : [fileChange(DROP_IN, dropIn(), 'have systemd start irqbalance with it')]),
    { ...RELOAD, why: 'have systemd read the drop-in', expect: [{ kind: 'exists', path: DROP_IN }], scope, undo: [] },
    { ...RESTART, why: `have irqbalance leave alone ${words}`, verify: runs, scope, undo: [] },
  ]
}

function directoryChange(): Change {
  return { kind: 'create-directory', path: DIRECTORY, mode: 0o755, why: `make room for a drop-in of ${UNIT}`, scope }
}

function fileChange(path: string, text: string, why: string): Change {
  return { kind: 'write-file', path, content: { text }, mode: 0o644, why, scope }
}

/**
 * All that is banned now and is to be. Old versions of irqbalance read the mask alone, later ones may come to read the list
 * alone; while one reads both the mask counts (cputree.c, setup_banned_cpus).
 */
async function environment(host: Host, balancer: Balancer, { cpus, interrupts }: Ban): Promise<string> {
  const variables = new Map(parseEnvironmentFile((await host.readText(ENVIRONMENT)).value ?? ''))
  if (cpus !== undefined) {
    const banned = [...balancer.bannedCpus, ...cpus]
    variables.set('IRQBALANCE_BANNED_CPUS', formatCpuMask(banned))
    variables.set('IRQBALANCE_BANNED_CPULIST', formatCpuList(banned))
  }
  if (interrupts !== undefined) {
    const more = interrupts.filter((number) => !balancer.bannedInterrupts.includes(number))
    const words = [balancer.arguments ?? '', ...more.map((number) => `--banirq=${number}`)]
    variables.set('IRQBALANCE_ARGS', words.filter((word) => word !== '').join(' '))
  }
  return [...HEADER, ...[...variables].map(([name, value]) => environmentLine(name, value)), ''].join('\n')
}

/** A file, because what a file says goes over Environment= (systemd.exec(5)), and every distribution has one. */
function dropIn(): string {
  return [...HEADER, '[Service]', `EnvironmentFile=${ENVIRONMENT}`, ''].join('\n')
}

/** What is banned, for messages. */
export function banWords({ cpus, interrupts = [] }: Ban): string {
  return cpus === undefined ? `interrupts ${formatCpuList(interrupts)}` : `CPU ${formatCpuList(cpus)}`
}
