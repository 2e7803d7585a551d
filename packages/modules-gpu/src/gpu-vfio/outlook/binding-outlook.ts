import type { Loss, PciAddress } from '@janus/core'
import type { Notice } from '../notices.js'
import type { Refusal } from '../refusal.js'

/** What would be named to bind it: an IOMMU group as a whole, or one device. */
export type BindingTarget =
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'device'; readonly device: PciAddress }

/** What binding something would come to, as the plan of gpu-vfio would have it with no option given. */
export interface BindingOutlook {
  readonly target: BindingTarget
  /**
   * `bound`: it is on a VFIO driver. `bindable`: nothing speaks against it. `insist`: every refusal has an option with which
   * a human may insist. `refused`: at least one has none. `unknown`: a captured host that shows nothing of an IOMMU.
   */
  readonly verdict: 'bound' | 'bindable' | 'insist' | 'refused' | 'unknown'
  /** The devices that would be bound, in address order, each with the VFIO driver that it would get. */
  readonly devices: readonly { readonly address: PciAddress; readonly vfioDriver: string; readonly isBound: boolean }[]
  /** Other PCI members of their groups: they stay where they are. */
  readonly others: readonly PciAddress[]
  /** Every reason not to bind them. */
  readonly refusals: readonly Refusal[]
  /** What taking the binding back would not bring back. */
  readonly losses: readonly Loss[]
  /** What does not stop the binding and is worth knowing. */
  readonly notices: readonly Notice[]
}
