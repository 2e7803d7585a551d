import type { InventoryDevice, PciAddress } from '@janus/core'
import { html, type Markup, type Piece } from './markup.js'
import { counted } from './words.js'

/** The devices of a host by address. */
export type Devices = ReadonlyMap<PciAddress, InventoryDevice>

/** A device in one cell: address, class, identity. */
export function deviceCell({ address, className, vendor, device }: InventoryDevice): Piece {
  return html`<code class="nowrap">${address}</code><br>${className} <code class="quiet">${vendor}:${device}</code>`
}

/** What drives a device. */
export function driverOf({ driver }: InventoryDevice): Piece {
  return driver === undefined ? html`<span class="quiet">no driver</span>` : html`<code>${driver}</code>`
}

/** Who uses a device, each with the chain that leads there. */
export function usesOf({ uses }: InventoryDevice): Markup | undefined {
  if (uses.length === 0) return undefined
  const items = uses.map(({ summary, chain, severity }) => {
    const way = chain.length < 2 ? undefined : html` <span class="quiet">(${chain.join(' → ')})</span>`
    return html`<li>${summary}${way}${severity === 'notice' ? html` <span class="quiet">(no obstacle)</span>` : undefined}</li>`
  })
  return html`<ul class="uses">${items}</ul>`
}

/** The same where an empty cell would be a riddle. */
export function usedBy(device: InventoryDevice): Markup {
  return usesOf(device) ?? html`<span class="quiet">nobody seen</span>`
}

/** One function of the group map: what it is, what drives it, who uses it. */
export function functionOf(device: InventoryDevice): Markup {
  const { address, className, vendor, device: id, role, virtualFunctions, physicalFunction, bootDisplay } = device
  const traits = [
    bootDisplay === true ? 'boot display' : undefined,
    virtualFunctions === undefined
      ? undefined
      : `${virtualFunctions.enabled} of ${counted(virtualFunctions.total, 'virtual function')} on`,
    physicalFunction === undefined ? undefined : `virtual function of ${physicalFunction}`,
  ].filter((trait) => trait !== undefined)
  const extra = traits.length === 0 ? undefined : html` · ${traits.join(' · ')}`
  return html`<div class="function ${role}"><p class="name"><code class="nowrap">${address}</code> ${className}</p>
<p class="quiet"><code>${vendor}:${id}</code> · ${driverOf(device)}${extra}</p>${usesOf(device)}</div>`
}
