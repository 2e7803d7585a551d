// Makes nodes of knowledge from texts: what each is about, where it stands, in whose words. A plain program: it imports nothing but Node.js, and runs in a sandbox.
import { createReadStream, renameSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { makeNodes } from './lib/nodes.mjs'
import { conceptsOf, countWords } from './lib/words.mjs'

const MOST_SENTENCES = 200_000
const LONGEST_SENTENCE = 2000
/** Of the words that a text uses, how many times the target are tried as concepts. */
const TRIED = 4

const { values, positionals: texts } = parseArgs({
  options: {
    mission: { type: 'string', default: 'none' },
    target: { type: 'string', default: '10' },
    concept: { type: 'string', multiple: true, default: [] },
    output: { type: 'string' },
  },
  allowPositionals: true,
})
const target = /^\d{1,5}$/.test(values.target) ? Number(values.target) : 0
if (target < 1 || target > 10_000) fail('--target is not between 1 and 10000')
if (texts.length === 0) fail('name at least one text')

const sentences = []
const counts = new Map()
for (const text of texts) await read(text).catch((error) => fail(error.message))
const concepts = values.concept.length > 0 ? values.concept : conceptsOf(counts, target * TRIED)
const made = makeNodes({ mission: values.mission, target, concepts, sentences })
if (values.output !== undefined) keep(values.output, made)
process.stdout.write(`${JSON.stringify(values.output === undefined ? made : { summary: made.summary })}\n`)

/** In one step: whoever is ended in between leaves what was there before. */
function keep(path, content) {
  try {
    writeFileSync(`${path}.part`, `${JSON.stringify(content)}\n`)
    renameSync(`${path}.part`, path)
  } catch (error) {
    fail(error.message)
  }
}

/** Puts the sentences of a text where the others are, each with its line. */
async function read(text) {
  let number = 0
  const lines = createInterface({
    input: createReadStream(text, { encoding: 'utf8' }),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  for await (const line of lines) {
    number += 1
    for (const part of line.slice(0, 100_000).split(/(?<=[.!?])\s+/u)) {
      const sentence = part
        .replace(/^[\s>*#-]+/u, '')
        .trim()
        .slice(0, LONGEST_SENTENCE)
      if (sentence === '') continue
      if (sentences.length === MOST_SENTENCES) fail(`more than ${MOST_SENTENCES} sentences`)
      sentences.push({ text, line: number, sentence })
      countWords(sentence, counts)
    }
  }
}

/** @returns {never} */
function fail(message) {
  process.stderr.write(`node_generator: ${message}\n`)
  process.exit(2)
}
