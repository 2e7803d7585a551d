import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { escaped, type MachineOptions } from './topology.js'

const run = promisify(execFile)

/** Frequencies in MHz, the fastest first; what the guest shows in kHz. */
export const FREQUENCIES = [2400, 1800, 1200] as const

/** Nothing of the machine listens at this I/O port: the guest writes the state it wants there, and nothing comes of it. */
const PORT = 0xea0
const SOFTWARE_ALL = 0xfc

/**
 * Compiles the ACPI table that describes performance states of every CPU (_PCT, _PSS, _PPC, and _PSD for threads that
 * share a core), under the names that QEMU gives the CPUs.
 * @returns what `-acpitable file=` takes
 */
export async function frequencyTable(folder: string, { cpus = 2, threads = 1 }: MachineOptions): Promise<string> {
  const source = join(folder, 'frequencies.asl')
  await writeFile(source, tableSource(cpus, threads))
  await run('iasl', ['-p', join(folder, 'frequencies'), source])
  return escaped(join(folder, 'frequencies.aml'))
}

function tableSource(cpus: number, threads: number): string {
  const numbers = Array.from({ length: cpus }, (_, cpu) => cpu)
  return [
    'DefinitionBlock ("", "SSDT", 2, "JANUS", "CPUFREQ", 1) {',
    ...numbers.map((cpu) => `External (${nameOf(cpu)}, DeviceObj)`),
    ...numbers.map((cpu) => processorSource(cpu, threads)),
    '}',
  ].join('\n')
}

function processorSource(cpu: number, threads: number): string {
  const register = `ResourceTemplate () { Register (SystemIO, 16, 0, ${PORT}) }`
  const states = FREQUENCIES.map((mhz, index) => `Package (6) { ${mhz}, ${mhz * 4}, 10, 10, ${index}, ${index} }`)
  const domain = Math.floor(cpu / threads)
  return `Scope (${nameOf(cpu)}) {
    Name (_PCT, Package (2) { ${register}, ${register} })
    Name (_PSS, Package (${states.length}) { ${states.join(', ')} })
    Method (_PPC, 0) { Return (Zero) }
    Name (_PSD, Package (1) { Package (5) { 5, 0, ${domain}, ${SOFTWARE_ALL}, ${threads} } })
  }`
}

function nameOf(cpu: number): string {
  return `\\_SB.CPUS.C${cpu.toString(16).toUpperCase().padStart(3, '0')}`
}
