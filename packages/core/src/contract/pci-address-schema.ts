import * as z from '../zod.js'
import { type PciAddress, parsePciAddress } from './pci-address.js'

/** Schema of a PCI address in an options object: normalises short and upper-case input, refuses the rest. */
export const pciAddress = z
  .string()
  .max(64)
  .transform((text, context): PciAddress => {
    const parsed = parsePciAddress(text)
    if (parsed.address !== undefined) return parsed.address
    const hint = parsed.nearMatch === undefined ? '' : `; did you mean ${parsed.nearMatch}?`
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(text)} is not a PCI address: ${parsed.problem}${hint}`,
    })
    return z.NEVER
  })
