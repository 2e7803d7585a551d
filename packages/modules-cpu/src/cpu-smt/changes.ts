import { type Change, formatCpuList, janusError, type Loss, type Query, type UndoChange } from '@janus/core'
import { type Interrupt, readInterrupts } from '../interrupts.js'
import type { CpuSmtOptions } from './options.js'
import { readPartitions } from './partitions.js'
import { findPinnedThreads } from './pinned-machines.js'
import { CONTROL, ONLINE, type Survey } from './survey.js'

/** Milliseconds that the kernel may take for one processor to come or go; it does them one after the other. */
const PER_CPU = 500

/**
 * The change of the switch, or none when it is so.
 * @throws JANUS_HOST_UNFIT where the switch cannot be moved, or a guest or a partition would be left without a processor;
 * JANUS_HOST_LACKS_FEATURE where there are no threads to switch; JANUS_HOST_UNREADABLE
 */
export async function smtChanges(survey: Survey, query: Query, { smt }: CpuSmtOptions): Promise<readonly Change[]> {
  const { control, host } = survey
  if (control === undefined) {
    const message = `${host.description} does not show whether its threads can be switched (${CONTROL})`
    throw janusError('JANUS_HOST_UNREADABLE', message, { data: { path: CONTROL } })
  }
  const words = CANNOT[control]
  if (control !== 'on' && control !== 'off' && words === undefined) {
    const message = `${CONTROL} says ${control}: threads that are switched by their number are not known to Janus`
    throw unfit(message, CONTROL, control, 'Write the number of threads by hand (ppc64_cpu --smt).')
  }
  if (smt === 'off') return control === 'on' ? offChanges(survey, query) : []
  if (control === 'on') return []
  if (control === 'off') return [onChange(survey)]
  const code = control === 'forceoff' ? 'JANUS_HOST_UNFIT' : 'JANUS_HOST_LACKS_FEATURE'
  throw janusError(code, `the threads cannot be switched on: ${words}`, {
    data: { path: CONTROL, value: control },
    remedy: 'Change it in the firmware setup or on the kernel command line.',
  })
}

/** What the switch says where it cannot be moved. */
export const CANNOT: Readonly<Record<string, string>> = {
  forceoff: 'they were switched off for good at boot or since (forceoff), until the next boot',
  notsupported: 'the processor has none, or the firmware has switched them off (notsupported)',
  notimplemented: 'the kernel cannot switch them on this architecture (notimplemented)',
}

async function offChanges(survey: Survey, query: Query): Promise<readonly Change[]> {
  const { host, secondary, online, present } = survey
  await requireUnneeded(survey, query)
  const remaining = online.filter((cpu) => !secondary.includes(cpu))
  const bound = (await readInterrupts(host)) ?? []
  const timeout = PER_CPU * Math.max(1, present.length)
  return [
    {
      kind: 'write-attribute',
      path: CONTROL,
      from: 'on',
      value: 'off',
      timeout,
      why:
        secondary.length === 0
          ? 'keep the second threads of the cores off'
          : `take CPU ${formatCpuList(secondary)}, the second threads of their cores, offline`,
      expect: [{ kind: 'equals', path: ONLINE, value: formatCpuList(online) }],
      verify: [
        { kind: 'equals', path: CONTROL, value: 'off' },
        { kind: 'equals', path: ONLINE, value: formatCpuList(remaining) },
      ],
      scope: 'runtime',
      ...(secondary.length === 0 ? {} : { irreversible: [lossOf(secondary)] }),
      undo: [
        switchBack('on', timeout),
        ...onlineUndo(secondary),
        ...offlineUndo(survey),
        ...interruptUndo(bound, survey),
      ],
    },
  ]
}

function onChange(survey: Survey): Change {
  const { online, present } = survey
  const timeout = PER_CPU * Math.max(1, present.length)
  const offline = present.filter((cpu) => !online.includes(cpu))
  return {
    kind: 'write-attribute',
    path: CONTROL,
    from: 'off',
    value: 'on',
    timeout,
    why: `bring CPU ${formatCpuList(offline)} online, those that were taken offline by hand with them`,
    verify: [{ kind: 'equals', path: CONTROL, value: 'on' }],
    scope: 'runtime',
    reveals: `the processors that come online, CPU ${formatCpuList(offline)}`,
    undo: [switchBack('off', timeout), ...offlineUndo(survey)],
  }
}

function switchBack(value: 'on' | 'off', timeout: number): UndoChange {
  const verify = [{ kind: 'equals', path: CONTROL, value }] as const
  return {
    kind: 'write-attribute',
    path: CONTROL,
    value,
    timeout,
    verify,
    why: `undo: switch the threads ${value} again`,
    scope: 'runtime',
  }
}

/**
 * The kernel stops at the first thread that cannot be taken offline, and moves the switch only when all are gone: then some
 * are offline while it reads `on`, and writing `on` again would bring none of them back (kernel/cpu.c).
 */
function onlineUndo(secondary: readonly number[]): readonly UndoChange[] {
  return secondary.map((cpu) => {
    const path = `/sys/devices/system/cpu/cpu${cpu}/online`
    const verify = [{ kind: 'equals', path, value: '1' }] as const
    const why = `undo: CPU ${cpu} was online before`
    return { kind: 'write-attribute', path, from: '0', value: '1', verify, why, scope: 'runtime' }
  })
}

/** `on` brings whatever is offline, also what somebody had taken offline; after `off` a first thread may be back, too. */
function offlineUndo({ online, present }: Survey): readonly UndoChange[] {
  return present
    .filter((cpu) => !online.includes(cpu))
    .map((cpu) => {
      const path = `/sys/devices/system/cpu/cpu${cpu}/online`
      const verify = [{ kind: 'equals', path, value: '0' }] as const
      const why = `undo: CPU ${cpu} was offline before`
      return { kind: 'write-attribute', path, from: '1', value: '0', verify, why, scope: 'runtime' }
    })
}

/**
 * An interrupt whose processors all go offline may go to all that are online at that moment, and stays so when they are
 * back. Threads go in ascending order, so those behind its last one are among them (kernel/irq/cpuhotplug.c).
 */
function interruptUndo(
  interrupts: readonly Interrupt[],
  { online, secondary }: Pick<Survey, 'online' | 'secondary'>,
): readonly UndoChange[] {
  return interrupts.flatMap(({ path, affinity, number, fixed, identity }): readonly UndoChange[] => {
    const usable = affinity.filter((cpu) => online.includes(cpu))
    if (fixed !== undefined || usable.length === 0 || usable.some((cpu) => !secondary.includes(cpu))) return []
    const last = Math.max(...usable)
    const from = formatCpuList(online.filter((cpu) => cpu > last || !secondary.includes(cpu)))
    const value = formatCpuList(affinity)
    return [
      {
        kind: 'write-attribute',
        path,
        from,
        value,
        expect: identity,
        why: `undo: interrupt ${number} went to CPU ${value} before`,
        verify: [{ kind: 'equals', path, value }],
        scope: 'runtime',
        mayFail: {
          errors: ['EIO', 'EPERM', 'ENOENT'],
          because: 'the kernel manages this interrupt itself, or it is gone',
        },
      },
    ]
  })
}

function lossOf(secondary: readonly number[]): Loss {
  const cpus = formatCpuList(secondary)
  const summary = `programs that are bound to nothing but CPU ${cpus} are let onto all others, and cgroup v1 cpusets lose CPU ${cpus}: neither comes back by itself`
  return { id: 'cpu-affinities', summary }
}

async function requireUnneeded({ host, secondary }: Survey, query: Query): Promise<void> {
  const [thread] = await findPinnedThreads(host, query, secondary)
  if (thread !== undefined) {
    const message = `process ${thread.pid} (${thread.name}) runs a virtual machine with a thread bound to CPU ${thread.cpus}, which would go offline`
    throw unfit(message, thread.path, thread.cpus, 'Pin it to first threads, or shut the virtual machine down.')
  }
  const partition = (await readPartitions(host)).find(({ cpus }) => cpus.every((cpu) => secondary.includes(cpu)))
  if (partition === undefined) return
  const cpus = formatCpuList(partition.cpus)
  const message = `the cpuset partition ${partition.path} holds nothing but CPU ${cpus}, which would go offline`
  throw unfit(
    message,
    `${partition.path}/cpuset.cpus.effective`,
    cpus,
    'Dissolve the partition, or give it first threads.',
  )
}

function unfit(message: string, path: string, value: string, remedy: string): Error {
  return janusError('JANUS_HOST_UNFIT', message, { data: { path, value }, remedy })
}
