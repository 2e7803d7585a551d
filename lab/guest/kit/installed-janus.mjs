import { mkdirSync } from 'node:fs'
import { run } from './run.mjs'

const TIMEOUT = 300_000

/**
 * Unpacks an archive of `cli` and `data` (`lab/third-party`) as root would install it, and gives the `janus` in it, run with `--json`.
 * Its HOME is below /root, which no other user can enter, and the extensions lie there.
 */
export async function unpackInstallation(archive) {
  const home = '/root/operator'
  mkdirSync(home, { mode: 0o700 })
  await run('tar', ['-xf', archive, '-C', home, '--no-same-owner', '--no-same-permissions'], { timeoutMs: TIMEOUT })
  const program = `${home}/cli/node_modules/.bin/janus`
  const env = { HOME: home, XDG_DATA_HOME: `${home}/data`, XDG_CONFIG_HOME: '', XDG_STATE_HOME: '', XDG_CACHE_HOME: '' }
  const janusJson = async (...args) => {
    const result = await run(program, [...args, '--json'], { cwd: home, env, timeoutMs: TIMEOUT })
    return { ...result, document: parse(result.stdout) }
  }
  return { home, extensions: `${home}/data/janus/extensions`, janusJson }
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
