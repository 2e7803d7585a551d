interface DeviceState {
  readonly driver: string | null
  /** The bytes of driver_override. */
  readonly override: string
}

/** What one tool made of one trap, as `lab/guest/compare.mjs` reports it. */
export interface Observation {
  readonly trap: string
  readonly title: string
  readonly tool: string
  readonly device: string
  /** What the tool was asked, in order. */
  readonly asks: readonly ('bind' | 'give-back')[]
  readonly expectedExits: readonly number[]
  readonly exits: readonly (number | 'hangs' | null)[]
  /** What was asked for was so before: success and refusal both say that nothing was done. */
  readonly alreadySo: boolean
  /** The first lines of each answer. */
  readonly said: readonly string[]
  readonly before: DeviceState | null
  readonly after: DeviceState | null
  /** Devices that are not as they were when the trap was set. */
  readonly changed: Readonly<Record<string, { readonly before?: DeviceState; readonly after?: DeviceState }>>
  /** What broke besides drivers and overrides. */
  readonly harm: readonly string[]
  /** Why a binding that succeeded is of no use. */
  readonly flaws: readonly string[]
  readonly kernelErrors: readonly string[]
}

/** A whole run: `lab/recorded/comparison-<release>.json`. */
export interface Comparison {
  readonly schema: 'janus.lab.comparison/1'
  readonly kernel: string
  readonly package: string
  /** Version of each tool, `null` where it was not installed. */
  readonly versions: Readonly<Record<string, string | null>>
  readonly observations: readonly Observation[]
}
