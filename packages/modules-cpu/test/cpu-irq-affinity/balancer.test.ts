import type { Change } from '@janus/core'
import { standardAddresses } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuIrqAffinity } from '../../src/index.js'
import { onModel } from '../fixture/on-model.js'
import { tuningMachine } from '../fixture/tuning-machine.js'
import { balancedMachine, DEBIAN_UNIT } from './balanced-machine.js'

const DIRECTORY = '/run/systemd/system/irqbalance.service.d'
const ENVIRONMENT = `${DIRECTORY}/zz-janus-cpu-irq-affinity.env`
const list = (number: number) => `/proc/irq/${number}/smp_affinity_list`
const nic = { onto: '1', devices: [standardAddresses.nic] }

describe('an irqbalance that runs', () => {
  it('is told which CPUs to leave alone before any interrupt is moved, and started again', async () => {
    const { model } = balancedMachine()
    const changes = await onModel(cpuIrqAffinity, model).plan({ awayFrom: '2-3' })
    expect(changes.map(summary).slice(0, 7)).toEqual([
      'systemctl daemon-reload',
      DIRECTORY,
      ENVIRONMENT,
      `${DIRECTORY}/zz-janus-cpu-irq-affinity.conf`,
      'systemctl daemon-reload',
      'systemctl try-restart irqbalance.service',
      '/proc/irq/default_smp_affinity',
    ])
    expect(contentOf(changes, ENVIRONMENT)).toEqual(['IRQBALANCE_BANNED_CPUS="c"', 'IRQBALANCE_BANNED_CPULIST="2-3"'])
    expect(changes.every(({ scope }) => scope === 'runtime')).toBe(true)
    // Undone last: only then are the files gone that systemd is to forget.
    expect(changes[0]?.undo).toMatchObject([
      { args: ['daemon-reload'] },
      { args: ['try-restart', 'irqbalance.service'] },
    ])
  })

  it('keeps free what it keeps free already, whatever says so', async () => {
    const banned = async (files: Record<string, string>) => {
      const { model } = balancedMachine(files)
      return contentOf(await onModel(cpuIrqAffinity, model).plan({ awayFrom: '3' }), ENVIRONMENT)[1]
    }
    const defaults = '/etc/default/irqbalance'
    expect(await banned({ [defaults]: 'IRQBALANCE_BANNED_CPULIST="1"\n' })).toBe('IRQBALANCE_BANNED_CPULIST="1,3"')
    // The mask counts where both are there.
    expect(await banned({ [defaults]: 'IRQBALANCE_BANNED_CPULIST=1\nIRQBALANCE_BANNED_CPUS=00000004\n' })).toBe(
      'IRQBALANCE_BANNED_CPULIST="2-3"',
    )
    expect(
      await banned({ '/sys/devices/system/cpu/isolated': '1\n', '/sys/devices/system/cpu/nohz_full': '(null)\n' }),
    ).toBe('IRQBALANCE_BANNED_CPULIST="1,3"')
    const local = '/etc/systemd/system/irqbalance.service.d/local.conf'
    const quoted = '[Service]\nEnvironment="IRQBALANCE_BANNED_CPULIST=0" OTHER=1\n'
    expect(await banned({ [local]: quoted })).toBe('IRQBALANCE_BANNED_CPULIST="0,3"')
    expect(await banned({ [local]: quoted, [defaults]: "IRQBALANCE_BANNED_CPULIST='1'\n" })).toBe(
      'IRQBALANCE_BANNED_CPULIST="1,3"',
    )
  })

  it('is told nothing that it knows, and a check says so', async () => {
    const { model } = balancedMachine({ '/etc/default/irqbalance': 'IRQBALANCE_BANNED_CPULIST=2-3\n' })
    const machine = onModel(cpuIrqAffinity, model)
    expect((await machine.plan({ awayFrom: '2-3' })).map(({ kind }) => kind)).not.toContain('run-command')
    expect(await machine.finding('irqbalance', { awayFrom: '2-3' })).toMatchObject({ status: 'ok' })
    expect(await machine.finding('irqbalance', { awayFrom: '0' })).toMatchObject({
      status: 'warn',
      remedy: expect.stringContaining('janus plan cpu-irq-affinity tells it'),
    })
  })

  it('is told to leave alone the interrupts of single devices, with the arguments that it has', async () => {
    const { model } = balancedMachine({ '/etc/default/irqbalance': 'IRQBALANCE_ARGS="--powerthresh=2 --banirq=24"\n' })
    const changes = await onModel(cpuIrqAffinity, model).plan(nic)
    expect(contentOf(changes, ENVIRONMENT)).toEqual(['IRQBALANCE_ARGS="--powerthresh=2 --banirq=24 --banirq=25"'])
    expect(changes.at(-1)).toMatchObject({ path: list(25), verify: [{ kind: 'equals', value: '1' }] })
  })

  it('cannot be told of interrupts by a unit that passes no arguments on', async () => {
    const unit = DEBIAN_UNIT.replace(' $IRQBALANCE_ARGS', '')
    const { model } = balancedMachine({ '/usr/lib/systemd/system/irqbalance.service': unit })
    const machine = onModel(cpuIrqAffinity, model)
    expect((await machine.plan(nic)).map(({ kind }) => kind)).toEqual(['write-attribute', 'write-attribute'])
    expect(await machine.finding('irqbalance', nic)).toMatchObject({
      status: 'warn',
      remedy: expect.stringContaining('Add --banirq=24 --banirq=25 to IRQBALANCE_ARGS'),
    })
  })

  it('may move interrupts between plan and apply, and among the CPUs that it is left', async () => {
    const changes = await onModel(cpuIrqAffinity, balancedMachine().model).plan({ awayFrom: '2-3' })
    const moves = changes.filter((change) => change.kind === 'write-attribute' && change.path.endsWith('_list'))
    expect(moves.map((move) => 'path' in move && move.path)).toEqual([list(9), list(24), list(25)])
    for (const move of moves) {
      expect(move).toMatchObject({ fromMayDiffer: true, verify: [{ kind: 'within', value: '0-1' }] })
      expect(move).toMatchObject({ undo: [{ fromMayDiffer: true, expect: [{ kind: 'equals' }] }] })
      expect('from' in move).toBe(false)
    }
  })

  it('is nothing to a host without it', async () => {
    const changes = await onModel(cpuIrqAffinity, tuningMachine()).plan({ awayFrom: '2-3' })
    expect(changes.map(({ kind }) => kind)).not.toContain('run-command')
    for (const change of changes) expect(change).toMatchObject({ from: expect.any(String) })
  })
})

function summary(change: Change): string {
  return change.kind === 'run-command'
    ? `${change.command} ${change.args.join(' ')}`
    : 'path' in change
      ? change.path
      : ''
}

/** The lines of a file that a plan writes, without its comments. */
function contentOf(changes: readonly Change[], path: string): readonly string[] {
  const found = changes.find((change) => change.kind === 'write-file' && change.path === path)
  const text = found?.kind === 'write-file' && 'text' in found.content ? found.content.text : ''
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}
