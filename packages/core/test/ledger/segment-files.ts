import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import {
  type LedgerRecord,
  type OpenSegmentedLedgerOptions,
  openSegmentedLedger,
  readSegments,
  verifySegmentedLedger,
} from '../../src/ledger/index.js'

/** Path of a segment. @param number from 1 */
export function segment(directory: string, number: number): string {
  return join(directory, `${String(number).padStart(6, '0')}.jsonl`)
}

/** Lines of a segment that ends with a whole one. */
export async function linesIn(directory: string, number: number): Promise<string[]> {
  return (await readFile(segment(directory, number), 'utf8')).trimEnd().split('\n')
}

/** Appends so many records `tick`, numbered from 0, and closes the ledger. */
export async function fill(
  directory: string,
  count: number,
  options: Partial<OpenSegmentedLedgerOptions> = {},
): Promise<LedgerRecord[]> {
  const ledger = await openSegmentedLedger({ directory, ...options })
  const records = await Promise.all(Array.from({ length: count }, (_, n) => ledger.append('tick', { n })))
  await ledger.close()
  return records
}

/** All records that can be read. */
export async function collected(directory: string, options?: { readonly fromSeq?: number }): Promise<LedgerRecord[]> {
  const records: LedgerRecord[] = []
  for await (const record of readSegments(directory, options)) records.push(record)
  return records
}

/** Asserts that a ledger is neither opened nor verified, with this code. */
export async function refused(directory: string, code: string): Promise<void> {
  await expect(openSegmentedLedger({ directory })).rejects.toMatchObject({ code })
  if (code === 'JANUS_LEDGER_DAMAGED') expect((await verifySegmentedLedger(directory)).damage).toBeDefined()
  else await expect(verifySegmentedLedger(directory)).rejects.toMatchObject({ code })
}

/** Name of the file in which a repair kept what it took away. */
export function keptAsIn(record: LedgerRecord | undefined): string {
  return (record?.payload as { keptAs?: string } | undefined)?.keptAs ?? ''
}

/** Changes the text of a segment. */
export async function replaceIn(directory: string, number: number, what: string | RegExp, by: string): Promise<void> {
  const text = await readFile(segment(directory, number), 'utf8')
  expect(text.replace(what, by)).not.toBe(text)
  await writeFile(segment(directory, number), text.replace(what, by))
}
