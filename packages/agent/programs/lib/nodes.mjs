const LEAST_SUMMARY = 50
const LEAST_SOURCES = 3
const MOST_SOURCES = 12
const LEAST_CONFIDENCE = 0.7
const QUOTE = { least: 30, most: 400 }
/** How a sentence begins that tells what to do. */
const PRACTICE =
  /^(?:always|avoid|begin|build|check|choose|do|ensure|give|keep|look|make|measure|never|note|prefer|put|read|remember|repeat|run|set|start|stop|take|test|treat|try|use|verify|watch|write)\b/iu

/**
 * Makes whole nodes only: one for which the texts do not say enough is left out. The same mission and texts give the same nodes.
 * @returns what the quality gates judge: `summary` and `nodes`
 */
export function makeNodes({ mission, target, concepts, sentences }) {
  const random = randomOf(mission)
  const nodes = []
  const places = new Map()
  for (const concept of new Set(concepts.map((each) => each.trim().toLowerCase()))) {
    if (nodes.length === target) break
    const found = sentences.flatMap((each, index) => (names(each.sentence, concept) ? [index] : []))
    const node = nodeOf(
      concept,
      found.map((index) => sentences[index]),
      random,
    )
    if (node === undefined) continue
    nodes.push(node)
    places.set(node, new Set(found))
  }
  const related = relate(nodes, places)
  return { summary: summaryOf({ mission, target, nodes, related }), nodes }
}

function nodeOf(concept, found, random) {
  const sources = distinct(found).slice(0, MOST_SOURCES)
  const texts = new Set(sources.map(({ text }) => text))
  const confidence = Math.min(0.99, Math.round((0.5 + 0.1 * sources.length + 0.02 * (texts.size - 1)) * 100) / 100)
  const quotable = found.filter(({ sentence }) => sentence.length >= QUOTE.least && sentence.length <= QUOTE.most)
  const practices = quotable.filter(({ sentence }) => PRACTICE.test(sentence))
  const quote = pick(quotable, random)
  const practice = pick(practices, random)
  if (sources.length < LEAST_SOURCES || confidence < LEAST_CONFIDENCE || quote === undefined) return undefined
  const summary = `${concept}: ${quote.sentence} (${sources.length} places in ${texts.size} texts)`
  if (summary.length < LEAST_SUMMARY) return undefined
  return {
    id: `node-${concept.replace(/[^\p{L}\p{N}]+/gu, '-')}`,
    concept,
    summary,
    sources: sources.map(({ text, line }) => ({ text, line })),
    confidence,
    quote: quote.sentence,
    ...(practice === undefined ? {} : { practice: practice.sentence }),
    related: [],
  }
}

/** Nodes are related whose concepts stand in one sentence. */
function relate(nodes, places) {
  let related = 0
  for (const [index, node] of nodes.entries()) {
    for (const other of nodes.slice(index + 1)) {
      if (![...places.get(node)].some((place) => places.get(other).has(place))) continue
      node.related.push(other.id)
      other.related.push(node.id)
      related += 1
    }
  }
  return related
}

function summaryOf({ mission, target, nodes, related }) {
  const share = (holds) => (nodes.length === 0 ? 0 : round(nodes.filter(holds).length / nodes.length))
  const mean = (value) =>
    nodes.length === 0 ? 0 : round(nodes.reduce((sum, node) => sum + value(node), 0) / nodes.length)
  const textsOf = ({ sources }) => new Set(sources.map(({ text }) => text)).size
  return {
    mission,
    target_min: target,
    generated: nodes.length,
    quality: {
      // None is written that is a stub.
      stub_ratio: 0,
      relationship_density: nodes.length === 0 ? 0 : round(related / nodes.length),
      average_confidence: mean(({ confidence }) => confidence),
      source_density: mean(({ sources }) => sources.length),
      rich_practice_ratio: share(({ practice }) => practice !== undefined),
      cross_book_ratio: share((node) => textsOf(node) >= 2),
      synthesis_ratio: share((node) => textsOf(node) >= 2 && node.related.length >= 2),
    },
  }
}

function names(sentence, concept) {
  const text = sentence.toLowerCase()
  for (let at = text.indexOf(concept); at !== -1; at = text.indexOf(concept, at + 1)) {
    if (!isWord(text[at - 1]) && !isWord(text[at + concept.length])) return true
  }
  return false
}

function isWord(character) {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character)
}

function distinct(found) {
  const known = new Map(found.map((each) => [`${each.text}\0${each.line}`, each]))
  return [...known.values()]
}

function pick(found, random) {
  return found.length === 0 ? undefined : found[Math.floor(random() * found.length)]
}

/** Numbers between 0 and 1 that follow from the name of the mission alone. */
function randomOf(mission) {
  let seed = 0
  for (const character of mission) seed = (Math.imul(seed, 131) + (character.codePointAt(0) ?? 0)) >>> 0
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }
}

function round(value) {
  return Math.round(value * 1000) / 1000
}
