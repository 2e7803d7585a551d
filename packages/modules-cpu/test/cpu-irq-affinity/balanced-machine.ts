import { emptyDirectory, type KernelModel, type TreeInput } from '@janus/core/testing'
import { INTERRUPTS, type TuningMachine, tuningMachine } from '../fixture/tuning-machine.js'

const UNIT = 'irqbalance.service'
const DROP_INS = `/run/systemd/system/${UNIT}.d`

/** The unit of Debian 12 as far as it matters here. */
export const DEBIAN_UNIT = [
  '[Service]',
  'EnvironmentFile=-/usr/lib/irqbalance/defaults.env',
  'EnvironmentFile=-/etc/default/irqbalance',
  'ExecStart=/usr/sbin/irqbalance --foreground $IRQBALANCE_ARGS',
  '',
].join('\n')

/** A machine with an irqbalance that systemd runs. */
export interface BalancedMachine {
  readonly model: KernelModel
  /** What irqbalance was started with last, by systemd's reading of its files. */
  environment(): ReadonlyMap<string, string>
  /** Moves the interrupts that it may move to one CPU of those that it may use, as irqbalance does every ten seconds. */
  rebalance(cpu: number): void
}

/** irqbalance reads its environment when it starts; systemd reads drop-ins when it is told to, and what they name at each start. */
export function balancedMachine(files: TreeInput = {}, machine: TuningMachine = {}): BalancedMachine {
  const model = tuningMachine({
    ...machine,
    files: {
      '/run/systemd/system': emptyDirectory(),
      '/sys/fs/cgroup/system.slice/irqbalance.service/cgroup.procs': '700\n',
      '/proc/700/comm': 'irqbalance\n',
      '/usr/lib/systemd/system/irqbalance.service': DEBIAN_UNIT,
      '/etc/default/irqbalance': '#IRQBALANCE_BANNED_CPULIST=\n#IRQBALANCE_ARGS=\n',
      ...files,
    },
  })
  const read = (path: string) => {
    const answer = model.read(path)
    return answer !== undefined && 'value' in answer ? answer.value : ''
  }
  const variablesOf = (path: string) =>
    [...read(path).matchAll(/^(\w+)="?(.*?)"?$/gm)].map(([, name = '', value = '']) => [name, value] as const)
  let dropIn = ''
  let started = new Map(variablesOf('/etc/default/irqbalance'))
  // The kernel shows what a process was started with (proc(5)); the one that is started again gets the same number here.
  const show = () =>
    model.put({
      '/proc/700/environ': [...started].map(([name, value]) => `${name}=${value}\0`).join(''),
      '/proc/700/cmdline': [
        '/usr/sbin/irqbalance',
        '--foreground',
        ...(started.get('IRQBALANCE_ARGS') ?? '').split(' '),
      ]
        .filter((word) => word !== '')
        .map((word) => `${word}\0`)
        .join(''),
    })
  if (files['/proc/700/environ'] === undefined) show()
  model.onCommand('systemctl', ({ args }) => {
    const command = args.join(' ')
    if (command === 'daemon-reload') dropIn = read(`${DROP_INS}/zz-janus-cpu-irq-affinity.conf`)
    else if (command === `try-restart ${UNIT}`) {
      const own = /^EnvironmentFile=(\S+)$/m.exec(dropIn)?.[1]
      started = new Map([...variablesOf('/etc/default/irqbalance'), ...(own === undefined ? [] : variablesOf(own))])
      show()
    } else return { outcome: 'failed', errno: 'EEXIT', message: `no such command: ${command}` }
    return { outcome: 'done' }
  })
  return {
    model,
    environment: () => started,
    rebalance(cpu) {
      const banned = [...(started.get('IRQBALANCE_ARGS') ?? '').matchAll(/--banirq=(\d+)/g)].map(([, irq]) =>
        Number(irq),
      )
      const movable = (machine.interrupts ?? INTERRUPTS).filter(
        ({ number, managed, fixed }) => managed !== true && fixed !== true && !banned.includes(number),
      )
      for (const { number } of movable) model.write(`/proc/irq/${number}/smp_affinity_list`, String(cpu))
    },
  }
}
