import { type BuildOutcome, buildPackages } from './build-packages.js'

/** `npm run build`: builds every package that has a tsup configuration. `--stale` builds only what is older than its sources. */
async function main(args: readonly string[]): Promise<number> {
  const outcomes = await buildPackages({ staleOnly: args.includes('--stale') }, print)
  return outcomes.some(({ outcome }) => outcome === 'failed' || outcome === 'not-started') ? 1 : 0
}

function print({ name, outcome, seconds, output }: BuildOutcome): void {
  if (output) process.stderr.write(output)
  process.stdout.write(`${name.padEnd(20)} ${outcome}${outcome === 'built' ? ` in ${seconds.toFixed(1)} s` : ''}\n`)
}

process.exitCode = await main(process.argv.slice(2))
