// Cuts a long text into chunks of whole lines and tells what each is about. A plain program: it imports nothing but Node.js, and runs in a sandbox.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { conceptsOf, countWords } from './lib/words.mjs'

const LINES = 5000
const CONCEPTS = 12
const MOST_CONCEPTS = 20
const MOST_CHUNKS = 10_000
/** Of a line that has no end only so much is looked at. */
const LONGEST_LINE = 10_000

const { values, positionals } = parseArgs({
  options: {
    'chunk-size-lines': { type: 'string', default: String(LINES) },
    concepts: { type: 'string', default: String(CONCEPTS) },
  },
  allowPositionals: true,
})
const size = wholeNumber('chunk-size-lines', values['chunk-size-lines'], 1, 1_000_000)
const most = wholeNumber('concepts', values.concepts, 1, MOST_CONCEPTS)
const [path, ...surplus] = positionals
if (path === undefined || surplus.length > 0) fail('name one text')

const began = performance.now()
const chunks = []
const all = new Map()
let words = new Map()
let lines = 0
let first = 1
try {
  const input = createReadStream(path, { encoding: 'utf8' })
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    lines += 1
    countWords(line.slice(0, LONGEST_LINE), words)
    if (lines - first + 1 === size) end()
  }
} catch (error) {
  fail(error.message)
}
if (lines >= first) end()

const synthesis = conceptsOf(all, most)
process.stdout.write(
  `${JSON.stringify({
    chunks_processed: chunks.length,
    total_lines: lines,
    extracted_data: chunks,
    final_synthesis:
      lines === 0
        ? 'The text is empty.'
        : `${lines} lines in ${chunks.length} chunks, above all about: ${synthesis.join(', ') || 'nothing that has a word for it'}.`,
    processing_time_seconds: Math.round(performance.now() - began) / 1000,
  })}\n`,
)

/** Puts what was read since the last chunk into one. */
function end() {
  if (chunks.length === MOST_CHUNKS) fail(`more than ${MOST_CHUNKS} chunks: make them larger`)
  chunks.push({ chunk_n: chunks.length + 1, start_line: first, end_line: lines, concepts: conceptsOf(words, most) })
  for (const [word, count] of words) all.set(word, (all.get(word) ?? 0) + count)
  words = new Map()
  first = lines + 1
}

function wholeNumber(name, text, least, most) {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= least && number <= most)) fail(`--${name} is not between ${least} and ${most}`)
  return number
}

/** @returns {never} */
function fail(message) {
  process.stderr.write(`file_chunker: ${message}\n`)
  process.exit(2)
}
