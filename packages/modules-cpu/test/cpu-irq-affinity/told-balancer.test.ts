import type { Change } from '@janus/core'
import { link, standardAddresses, type TreeInput } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuIrqAffinity } from '../../src/index.js'
import { onModel } from '../fixture/on-model.js'
import { balancedMachine, DEBIAN_UNIT } from './balanced-machine.js'

const DROP_INS = '/etc/systemd/system/irqbalance.service.d'
const nic = { onto: '1', devices: [standardAddresses.nic] }
const away = { awayFrom: '2-3' }

describe('what irqbalance is told', () => {
  it('counts whatever a drop-in of another name says, and where one goes over it irqbalance is not told', async () => {
    const resets = '[Service]\nEnvironmentFile=\nEnvironmentFile=/etc/own.env\n'
    const own = { '/etc/own.env': 'IRQBALANCE_ARGS=--powerthresh=2\n' }
    expect(await commands({ [`${DROP_INS}/override.conf`]: resets, ...own }, nic)).toContain('try-restart')
    const machine = onModel(cpuIrqAffinity, balancedMachine({ [`${DROP_INS}/zzz.conf`]: resets, ...own }).model)
    expect(commandsOf(await machine.plan(nic))).toEqual([])
    expect(await machine.finding('irqbalance', nic)).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('goes over'),
      remedy: expect.stringContaining('Add --banirq=24 --banirq=25 to IRQBALANCE_ARGS'),
    })
    const unset = '[Service]\nUnsetEnvironment=IRQBALANCE_ARGS\n'
    expect(await commands({ [`${DROP_INS}/override.conf`]: unset }, nic)).toEqual([])
  })

  it('is what its process was started with: where only its files say it, it is started again', async () => {
    const files = { '/etc/default/irqbalance': 'IRQBALANCE_BANNED_CPULIST=2-3\n', ...processOf('HOME=/\0', '') }
    const machine = onModel(cpuIrqAffinity, balancedMachine(files).model)
    expect(commandsOf(await machine.plan(away))).toEqual(['daemon-reload', 'try-restart'])
    expect(await machine.finding('irqbalance', away)).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('was started before'),
    })
    const told = { ...files, ...processOf('HOME=/\0IRQBALANCE_BANNED_CPULIST=2-3\0', '') }
    expect(await commands(told, away)).toEqual([])
  })

  it('is of interrupts what its command line says', async () => {
    const files = { '/etc/default/irqbalance': 'IRQBALANCE_ARGS="--banirq=24 --banirq=25"\n' }
    expect(await commands({ ...files, ...processOf('', '') }, nic)).toEqual(['daemon-reload', 'try-restart'])
    expect(await commands({ ...files, ...processOf('', '--banirq=24\0-i\x0025\0') }, nic)).toEqual([])
  })

  it('is what its files say where its process shows nothing, as in a snapshot, or before it is irqbalance', async () => {
    const files = { '/etc/default/irqbalance': 'IRQBALANCE_BANNED_CPULIST=2-3\n', ...processOf('HOME=/\0', '') }
    const { model } = balancedMachine(files)
    model.put({ '/proc/700/comm': '(balance)\n' })
    expect(commandsOf(await onModel(cpuIrqAffinity, model).plan(away))).toEqual([])
    model.remove('/proc/700')
    expect(commandsOf(await onModel(cpuIrqAffinity, model).plan(away))).toEqual([])
  })

  it('leaves it a CPU', async () => {
    const { model } = balancedMachine({ '/etc/default/irqbalance': 'IRQBALANCE_BANNED_CPULIST=0-1\n' })
    const machine = onModel(cpuIrqAffinity, model)
    expect(commandsOf(await machine.plan(away))).toEqual([])
    expect(await machine.finding('irqbalance', away)).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('left no CPU'),
    })
  })

  it('counts a masked drop-in as systemd does: not at all, nor one of that name further down', async () => {
    const below = {
      '/usr/lib/systemd/system/irqbalance.service.d/own.conf': '[Service]\nEnvironmentFile=/etc/own.env\n',
    }
    const own = { '/etc/own.env': 'IRQBALANCE_BANNED_CPULIST=2-3\n', ...processOf('', '') }
    expect(await commands({ ...below, ...own }, away)).toEqual(['daemon-reload', 'try-restart'])
    const masked = balancedMachine({ ...below, ...own, [`${DROP_INS}/own.conf`]: link('/dev/null') }).model
    const changes = await onModel(cpuIrqAffinity, masked).plan(away)
    expect(changes.filter(({ kind }) => kind === 'write-file')).toHaveLength(2)
  })

  it('is only started again while each of its files is there, also those that were there before', async () => {
    const { model } = balancedMachine()
    for (const change of await onModel(cpuIrqAffinity, model).plan(away))
      if (change.kind === 'write-file' && 'text' in change.content) model.put({ [change.path]: change.content.text })
    const changes = await onModel(cpuIrqAffinity, model).plan(nic)
    const written = changes.flatMap((change) => (change.kind === 'write-file' ? [change.path] : []))
    expect(written).toEqual([expect.stringMatching(/\.env$/)])
    const reload = changes.findLast(({ kind, why }) => kind === 'run-command' && why.includes('drop-in'))
    expect(reload?.expect).toEqual([
      { kind: 'exists', path: written[0] },
      { kind: 'exists', path: expect.stringMatching(/\.conf$/) },
    ])
  })

  it('stays in order when somebody stops it', async () => {
    const changes = await onModel(cpuIrqAffinity, balancedMachine().model).plan(away)
    for (const change of changes.filter(({ kind }) => kind === 'run-command')) expect(change.verify).toBeUndefined()
  })

  it('is read over lines that go on, and not from arguments that systemd would pass on as one', async () => {
    const continued = { '/etc/default/irqbalance': 'IRQBALANCE_ARGS="--banirq=24 \\\n  --banirq=25"\n' }
    const started = { ...continued, ...processOf('', '--banirq=24\0--banirq=25\0') }
    expect(await commands(started, nic)).toEqual([])
    const lines = DEBIAN_UNIT.replace('--foreground ', '--foreground \\\n# more\n  ')
    expect(await commands({ '/usr/lib/systemd/system/irqbalance.service': lines, ...started }, nic)).toEqual([])
    const single = DEBIAN_UNIT.replace('$IRQBALANCE_ARGS', '$'.concat('{IRQBALANCE_ARGS}'))
    const machine = onModel(
      cpuIrqAffinity,
      balancedMachine({ '/usr/lib/systemd/system/irqbalance.service': single }).model,
    )
    expect(commandsOf(await machine.plan(nic))).toEqual([])
    expect(await machine.finding('irqbalance', nic)).toMatchObject({ detail: expect.stringContaining('passes no') })
  })
})

async function commands(files: TreeInput, options: unknown): Promise<readonly (string | undefined)[]> {
  return commandsOf(await onModel(cpuIrqAffinity, balancedMachine(files).model).plan(options))
}

/** What systemctl is asked for, each once. */
function commandsOf(changes: readonly Change[]): readonly (string | undefined)[] {
  return [...new Set(changes.flatMap((change) => (change.kind === 'run-command' ? [change.args[0]] : [])))]
}

/** What the kernel shows of an irqbalance that runs: its environment and its words, each ended by a zero byte (proc(5)). */
function processOf(environment: string, words: string): TreeInput {
  return {
    '/proc/700/environ': environment,
    '/proc/700/cmdline': `/usr/sbin/irqbalance\0--foreground\0${words}`,
  }
}
