import { existsSync, readdirSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { runProgram } from '../scripts/run-program.js'
import { repository } from '../scripts/workspace.js'

const ARCHIVE = /\.tar\.(bz2|gz)$/

/** A machine captured as a tree of `/sys` and `/proc`, packed. */
export interface CapturedMachine {
  readonly name: string
  /** Path of the archive without its ending: what else is known of the machine lies beside it. */
  readonly stem: string
  readonly archive: string
}

/** Where the captured machines are looked for: `$JANUS_MACHINES`, else beside the repository. */
export const machinesFolder = resolve(repository, process.env.JANUS_MACHINES ?? '../shared/data/machines')

/** The captured machines; none where the folder is absent. */
export function capturedMachines(): readonly CapturedMachine[] {
  if (!existsSync(machinesFolder)) return []
  return readdirSync(machinesFolder)
    .filter((file) => ARCHIVE.test(file))
    .sort()
    .map((file) => {
      const name = file.replace(ARCHIVE, '')
      return { name, stem: join(machinesFolder, name), archive: join(machinesFolder, file) }
    })
}

/** Unpacks a machine and tells the folder that holds its `sys` and `proc`; archives differ in how deep that lies. */
export async function unpackMachine({ archive }: CapturedMachine, folder: string): Promise<string> {
  const { exitCode, output } = await runProgram('tar', ['-xf', archive, '-C', folder])
  if (exitCode !== 0) throw new Error(`${archive} cannot be unpacked: ${output}`)
  const root = await rootBelow(folder)
  if (root === undefined) throw new Error(`${archive} holds neither sys nor proc`)
  return root
}

async function rootBelow(folder: string): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  if (names.includes('sys') || names.includes('proc')) return folder
  for (const name of names) {
    const found = await rootBelow(join(folder, name))
    if (found !== undefined) return found
  }
  return undefined
}

/** A PCI function as hwloc tells it: class, vendor and device in hex. */
export interface HwlocFunction {
  readonly address: string
  readonly class: string
  readonly id: string
}

/** What hwloc makes of the same tree. */
export interface HwlocAnswer {
  /** Numbers of the processors that it puts into its topology. */
  readonly processors: readonly number[]
  readonly functions: readonly HwlocFunction[]
}

/** The file beside the archive that holds hwloc's answer: the XML or the console output of its lstopo; undefined without one. */
export function hwlocFile({ stem }: CapturedMachine): string | undefined {
  return [`${stem}.xml`, `${stem}.console`].find((file) => existsSync(file))
}

/** Reads what hwloc makes of a machine. */
export async function readHwlocAnswer(file: string): Promise<HwlocAnswer> {
  const text = await readFile(file, 'utf8')
  return file.endsWith('.xml') ? fromXml(text) : fromConsole(text)
}

function fromXml(xml: string): HwlocAnswer {
  const functions = xml.matchAll(/pci_busid="([^"]+)" pci_type="([0-9a-f]{4}) \[([0-9a-f]{4}:[0-9a-f]{4})\]/g)
  return {
    processors: numbers(xml.matchAll(/<object type="PU" os_index="(\d+)"/g)),
    functions: [...functions].map(([, address = '', code = '', id = '']) => ({ address, class: code, id })),
  }
}

function fromConsole(console: string): HwlocAnswer {
  return { processors: numbers(console.matchAll(/^ +PU L#\d+ \(P#(\d+)/gm)), functions: [] }
}

function numbers(matches: Iterable<RegExpMatchArray>): readonly number[] {
  return [...matches].map(([, number]) => Number(number)).sort((left, right) => left - right)
}
