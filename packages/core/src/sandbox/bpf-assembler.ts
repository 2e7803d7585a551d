/** One instruction of classic BPF, as `struct sock_filter` of linux/filter.h has it. */
export interface BpfInstruction {
  readonly code: number
  /** Instructions skipped when the comparison holds. */
  readonly jumpTrue: number
  /** Instructions skipped when it does not. */
  readonly jumpFalse: number
  readonly operand: number
}

/** An instruction whose jumps are names of labels; a missing one falls through. */
export type BpfStatement =
  | { readonly kind: 'load'; readonly offset: number }
  | {
      readonly kind: 'jump'
      readonly when: 'equal' | 'at-least' | 'any-bit'
      readonly operand: number
      readonly isTrue?: string
      readonly isFalse?: string
    }
  | { readonly kind: 'return'; readonly value: number }
  | { readonly kind: 'label'; readonly name: string }

/** Codes of linux/bpf_common.h: class, size or source, mode or operation. */
export const BPF_CODES = { load: 0x20, equal: 0x15, 'at-least': 0x35, 'any-bit': 0x45, return: 0x06 } as const

const LONGEST_JUMP = 255
const INSTRUCTION_BYTES = 8

/**
 * Resolves the labels of a program; jumps go forward only, as the kernel wants it.
 * @throws RangeError when a label is missing, behind its jump, or too far away
 */
export function assembleBpf(statements: readonly BpfStatement[]): readonly BpfInstruction[] {
  const labels = new Map<string, number>()
  const instructions: Exclude<BpfStatement, { kind: 'label' }>[] = []
  for (const statement of statements) {
    if (statement.kind === 'label') labels.set(statement.name, instructions.length)
    else instructions.push(statement)
  }
  const distance = (from: number, label: string | undefined): number => {
    if (label === undefined) return 0
    const skipped = (labels.get(label) ?? -1) - from - 1
    if (skipped < 0 || skipped > LONGEST_JUMP) throw new RangeError(`${label} cannot be reached from ${from}`)
    return skipped
  }
  return instructions.map((statement, index) => {
    if (statement.kind === 'load') return instruction(BPF_CODES.load, statement.offset)
    if (statement.kind === 'return') return instruction(BPF_CODES.return, statement.value)
    const { when, operand, isTrue, isFalse } = statement
    return instruction(BPF_CODES[when], operand, distance(index, isTrue), distance(index, isFalse))
  })
}

/** The program as the kernel reads it on a little-endian machine: 8 bytes for each instruction. */
export function encodeBpf(instructions: readonly BpfInstruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * INSTRUCTION_BYTES)
  const view = new DataView(bytes.buffer)
  for (const [index, { code, jumpTrue, jumpFalse, operand }] of instructions.entries()) {
    const at = index * INSTRUCTION_BYTES
    view.setUint16(at, code, true)
    view.setUint8(at + 2, jumpTrue)
    view.setUint8(at + 3, jumpFalse)
    view.setUint32(at + 4, operand >>> 0, true)
  }
  return bytes
}

function instruction(code: number, operand: number, jumpTrue = 0, jumpFalse = 0): BpfInstruction {
  return { code, jumpTrue, jumpFalse, operand }
}
