import type { BpfInstruction } from '../../src/sandbox/bpf-assembler.js'

/** One system call as the kernel shows it to a filter. */
export interface SeccompData {
  readonly number: number
  readonly architecture: number
  readonly args: readonly bigint[]
}

/** Runs a filter the way the kernel does, on the instructions that this repository writes; what they return. */
export function interpretBpf(program: readonly BpfInstruction[], data: SeccompData): number {
  const memory = new DataView(new ArrayBuffer(64))
  memory.setUint32(0, data.number >>> 0, true)
  memory.setUint32(4, data.architecture >>> 0, true)
  for (const [index, value] of data.args.entries()) memory.setBigUint64(16 + index * 8, BigInt.asUintN(64, value), true)
  let accumulator = 0
  for (let counter = 0; ; counter += 1) {
    const instruction = program[counter]
    if (instruction === undefined) throw new RangeError('the program ran over its end')
    const { code, jumpTrue, jumpFalse, operand } = instruction
    if (code === 0x06) return operand >>> 0
    if (code === 0x20) accumulator = memory.getUint32(operand, true)
    else counter += holds(code, accumulator, operand >>> 0) ? jumpTrue : jumpFalse
  }
}

function holds(code: number, accumulator: number, operand: number): boolean {
  if (code === 0x15) return accumulator === operand
  if (code === 0x35) return accumulator >= operand
  if (code === 0x45) return (accumulator & operand) !== 0
  throw new RangeError(`no such instruction: ${code}`)
}

/** Instructions from the bytes that bubblewrap reads. */
export function decodeBpf(bytes: Uint8Array): readonly BpfInstruction[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 8 }, (_, index) => ({
    code: view.getUint16(index * 8, true),
    jumpTrue: view.getUint8(index * 8 + 2),
    jumpFalse: view.getUint8(index * 8 + 3),
    operand: view.getUint32(index * 8 + 4, true),
  }))
}
