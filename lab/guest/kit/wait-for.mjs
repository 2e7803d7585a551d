/** Polls until `probe` returns something truthy, and returns it; undefined when the deadline passes. */
export async function waitFor(probe, { timeoutMs = 10_000, everyMs = 50 } = {}) {
  const end = performance.now() + timeoutMs
  for (;;) {
    const found = await probe()
    if (found) return found
    if (performance.now() > end) return undefined
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
