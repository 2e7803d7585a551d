import { describe, expect, it } from 'vitest'
import { createKernelModel, type DescriptorHold, type KernelModel } from '../../../src/testing/index.js'
import { type RecordedAnswer, type RecordedPart, type RecordedState, recordings, specOf } from './recorded-answers.js'

const recorded = recordings()

describe.skipIf(recorded.length === 0)(
  'the kernel model against recorded answers (none: npm run lab -- kernel-answers)',
  () => {
    for (const { kernel, driverModel, withoutIommu } of recorded) {
      it(`answers like ${kernel}`, () => expectSameAnswers(driverModel, kernel))
      it(`answers like ${kernel} without an IOMMU`, () => expectSameAnswers(withoutIommu, kernel))
    }

    it('notices a model that is wrong', () => {
      const [recording] = recorded
      if (recording === undefined) throw new Error('no recording')
      const spec = specOf(recording.driverModel, recording.kernel)
      const wrong = { ...spec, devices: spec.devices?.map(({ group: _, ...device }) => device) ?? [] }
      const model = createKernelModel(wrong)
      const replay = createReplay(model)
      const differences = recording.driverModel.answers.filter(
        (answer) => JSON.stringify(replay(answer)) !== JSON.stringify(recordedOutcome(answer)),
      )
      expect(differences.length).toBeGreaterThan(10)
    })
  },
)

/** What is compared of one answer. */
interface Outcome {
  readonly id: number
  readonly operation: RecordedAnswer['operation']
  readonly result: string
  readonly content?: string | undefined
  readonly driver?: string | null | undefined
  readonly overrideRead?: string | undefined
  readonly states: Readonly<Record<string, RecordedState | 'absent'>>
}

function expectSameAnswers(part: RecordedPart, kernel: string): void {
  const replay = createReplay(createKernelModel(specOf(part, kernel)))
  expect(part.answers.length).toBeGreaterThan(0)
  for (const answer of part.answers) expect(replay(answer)).toEqual(recordedOutcome(answer))
}

function recordedOutcome(answer: RecordedAnswer): Outcome {
  const { id, operation, content, driver, overrideRead } = answer
  const others = Object.entries(answer.others ?? {}).map(([address, { after }]) => [address, after])
  const subject = answer.subject === undefined ? [] : [[answer.subject, answer.after]]
  const result = operation.kind === 'hold' ? answer.result.replace(/ \d+$/, '') : answer.result
  return { id, operation, result, content, driver, overrideRead, states: Object.fromEntries([...subject, ...others]) }
}

/** Performs recorded operations on a model, one after the other. */
function createReplay(model: KernelModel): (answer: RecordedAnswer) => Outcome {
  let hold: DescriptorHold | undefined
  const letGo = () => {
    hold?.release()
    hold = undefined
  }

  function perform({ operation }: RecordedAnswer): Partial<Outcome> & { readonly result: string } {
    switch (operation.kind) {
      case 'write':
        // Every part of the recording that held a descriptor closes it before it goes on to another override.
        if (operation.path.endsWith('/driver_override')) letGo()
        return { result: model.write(operation.path, operation.content) }
      case 'read': {
        const reading = model.read(operation.path)
        return reading !== undefined && 'value' in reading
          ? { result: 'ok', content: reading.value }
          : { result: 'failed' }
      }
      case 'load-module':
        return { result: model.loadModule(operation.name) }
      case 'unload-module':
        return { result: model.unloadModule(operation.name, { dependencies: true }) }
      case 'hold': {
        const group = groupOf(model, operation.address)
        const attempt = () => (operation.groupOnly ? model.holdGroup(group) : model.holdDevice(operation.address))
        return { result: tryHold(attempt) }
      }
      case 'observe':
        return observe(operation.moment)
    }
  }

  function tryHold(attempt: () => DescriptorHold): string {
    try {
      hold = attempt()
      return 'held'
    } catch (error) {
      const message = error instanceof Error ? error.message : ''
      return message.startsWith('EPERM') ? 'failed viable' : message.startsWith('EBUSY') ? 'failed group' : message
    }
  }

  function observe(moment: string): Partial<Outcome> & { readonly result: string } {
    if (moment === 'kernel log') return { result: 'ok' }
    if (moment === 'unbind blocked') {
      const result = model.write('/sys/bus/pci/drivers/vfio-pci/unbind', NVME)
      if (result !== 'hangs') return { result }
    }
    if (moment === 'descriptor closed') letGo()
    const reading = model.read(`/sys/bus/pci/devices/${NVME}/driver_override`)
    const overrideRead = reading === undefined ? '<hang>' : 'value' in reading ? reading.value : reading.errno
    const linked = model.snapshot().paths[`/sys/devices/pci0000:00/0000:00:02.1/${NVME}/driver`] !== undefined
    return { result: 'ok', driver: linked ? 'linked' : null, overrideRead }
  }

  return (answer) => {
    const { kind } = answer.operation
    // The only holder that the recording replaces without an override in between.
    if (kind === 'hold' && 'groupOnly' in answer.operation && answer.result === 'held') letGo()
    const before = statesOf(model)
    const { result, content, driver, overrideRead } = perform(answer)
    const after = statesOf(model)
    const { id, operation, subject } = answer
    const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
      (address) => address === subject || JSON.stringify(before[address]) !== JSON.stringify(after[address]),
    )
    const told = kind === 'observe' ? [] : changed
    const states = Object.fromEntries(told.map((address) => [address, after[address] ?? ('absent' as const)]))
    return { id, operation, result, content, driver, overrideRead, states }
  }
}

const NVME = '0000:02:00.0'

function groupOf(model: KernelModel, address: string): string {
  const { paths } = model.snapshot()
  const member = Object.keys(paths).find(
    (path) => path.startsWith('/sys/kernel/iommu_groups/') && path.endsWith(`/devices/${address}`),
  )
  return member?.split('/')[4] ?? ''
}

function statesOf(model: KernelModel): Readonly<Record<string, RecordedState>> {
  const devices = Object.entries(model.devices())
  return Object.fromEntries(
    devices.map(([address, { driver, override }]) => [address, { driver, override: `${override ?? '(null)'}\n` }]),
  )
}
