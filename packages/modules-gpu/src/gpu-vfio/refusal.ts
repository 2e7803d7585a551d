import { type Evidence, type JanusError, janusError, type PciAddress } from '@janus/core'

/** One reason why a device must not be bound. */
export interface Refusal {
  /** Stable kebab-case name of the reason: `bridge`, `no-iommu`, `in-use-mount`. */
  readonly reason: string
  readonly device: PciAddress
  /** One line that names the device. */
  readonly summary: string
  readonly evidence: readonly Evidence[]
  /** The option with which a human may insist, as JSON: `allowUse: ["mount"]`. Absent where nobody may. */
  readonly option?: string
  /** The same as arguments of a command line, quoted for a shell: `-o allowUse=mount`. There wherever `option` is. */
  readonly insist?: string
  /** What resolves the cause. */
  readonly remedy: string
}

/** The one error that lists every refusal with its evidence and, where a human may insist, the option. */
export function refusalError(refusals: readonly Refusal[]): JanusError {
  const message =
    refusals.length === 1
      ? refusals.map(refusalWords).join()
      : `${refusals.length} refusals:\n${refusals.map((refusal) => `- ${refusalWords(refusal)}`).join('\n')}`
  const remedy = [...new Set(refusals.map(optionRemedy))].join(' ')
  return janusError('JANUS_DEVICE_REFUSED', message, { remedy, data: { refusals } })
}

/** What to do about a refusal, for who types: resolve the cause, or insist where that is possible. */
export function remedyWords({ remedy, insist }: Refusal): string {
  return insist === undefined ? remedy : `${remedy} If you insist: ${insist}.`
}

/** The same for who calls the SDK. */
function optionRemedy({ remedy, option }: Refusal): string {
  return option === undefined ? remedy : `${remedy} If you insist: ${option}.`
}

function refusalWords({ summary, evidence }: Refusal): string {
  const shown = evidence.map(({ path, value }) => `${path}: ${value === undefined ? 'missing' : JSON.stringify(value)}`)
  return shown.length === 0 ? summary : `${summary} [${shown.join('; ')}]`
}
