import type { Condition } from '../../contract/change.js'
import { janusError } from '../../errors/janus-error.js'

/** One parameter that is to be on the kernel command line, or to be gone from it. */
export interface AskedParameter {
  readonly name: string
  /** What follows the `=`; left out for a bare word. */
  readonly value?: string
  /**
   * The parameter counts only behind one of these, up to the next of them: `hugepages` behind `hugepagesz=1G`
   * (admin-guide/mm/hugetlbpage.rst). Where there is none of the first name, it is written before it, with the first value. Of
   * several such words the kernel obeys the first: one is left.
   */
  readonly after?: { readonly names: readonly string[]; readonly values: readonly string[] }
  /**
   * The value is one member of a comma list, whose other members stay: `on` of `intel_iommu=on,igfx_off`. Of these members,
   * the value among them, the last one counts to the kernel: those that are not the value make place for it.
   */
  readonly among?: readonly string[]
}

/** What is asked of the command line that the next boot gives the kernel. */
export interface CommandLineRequest {
  readonly set: readonly AskedParameter[]
  /** Without a value: whatever its value is. */
  readonly remove?: readonly AskedParameter[]
  /** Leaves one word of each parameter that is set. Default: others of the same name stay, the last one wins; not so with `after`. */
  readonly removeDuplicates?: boolean
  /** What else holds once the machine was booted with it. */
  readonly afterBoot?: readonly Condition[]
  /** One line for the human. */
  readonly why: string
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/
/** Nothing that the shell, GRUB, systemd-boot or the kernel takes for more than a letter. */
const VALUE = /^[A-Za-z0-9_.,:@/+=-]*$/

/**
 * A parameter as one word of the command line.
 * @throws JANUS_OPTIONS_INVALID when the word would need quotes: languages of four boot loaders would have to agree on them
 */
export function parameterWords({ name, value }: Pick<AskedParameter, 'name' | 'value'>): string {
  if (!NAME.test(name) || (value !== undefined && !VALUE.test(value))) {
    const message = `the kernel parameter ${JSON.stringify(name)} with the value ${JSON.stringify(value ?? '')} would need quotes`
    throw janusError('JANUS_OPTIONS_INVALID', message, { data: { name, value } })
  }
  return value === undefined ? name : `${name}=${value}`
}
