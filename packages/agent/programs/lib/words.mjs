/** Words that say nothing of what a text is about. */
const COMMON = new Set(
  'about above after again against also although among and another any are because been before being below between both but can cannot could did does doing down during each either else even every few for from further had has have having her here hers him his how however into its itself just less like made make many may might more most much must neither nor not now off once one only onto other our ours out over own per rather same shall she should since some such than that the their theirs them then there these they this those through thus too two under until upon use used using very was way were what when where whether which while who whom whose why will with within without would yet you your yours'.split(
    ' ',
  ),
)
const MOST_DIFFERENT = 200_000
const LONGEST_WORD = 64

/** Counts the words of a line that may be what it is about. */
export function countWords(line, counts) {
  for (const [word] of line.toLowerCase().matchAll(/\p{L}[\p{L}\p{N}_-]{2,}/gu)) {
    if (word.length > LONGEST_WORD || COMMON.has(word)) continue
    const count = counts.get(word)
    if (count !== undefined) counts.set(word, count + 1)
    else if (counts.size < MOST_DIFFERENT) counts.set(word, 1)
  }
}

/** The words that were counted most; of those that were counted as often, in the order of the alphabet. */
export function conceptsOf(counts, most) {
  return [...counts]
    .sort(([one, times], [other, otherTimes]) => otherTimes - times || (one < other ? -1 : 1))
    .slice(0, most)
    .map(([word]) => word)
}
