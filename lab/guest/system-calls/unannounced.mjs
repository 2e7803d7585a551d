/**
 * Compares what a run changed with the changes it had announced.
 * @param mutations what `mutationsIn` found
 * @param changes of a plan, or undo changes
 * @param exempt folders of the journal, the log and the lock
 * @param realPath resolves the links of a path on the machine that was traced
 * @param moduleFiles the files that belong to loading a kernel module by name: its own and those of what it depends on
 * @returns `unannounced`: lines of the trace that no change accounts for; `missing`: changes that left no trace
 */
export function compareWithPlan(mutations, { changes, exempt, realPath, moduleFiles }) {
  const left = changes.map((change) => ({
    change,
    accounts: accountFor(change, { realPath, moduleFiles }),
    used: new Set(),
  }))
  const unannounced = mutations.filter((mutation) => {
    if (isExempt(mutation, exempt)) return false
    const key = `${mutation.kind} ${mutation.path}`
    const account = left.find(({ accounts, used }) => accounts(mutation) && !used.has(key))
    account?.used.add(key)
    return account === undefined
  })
  const missing = left.filter(({ used }) => used.size === 0).map(({ change }) => change)
  return { unannounced: unannounced.map(({ line }) => line), missing }
}

/** Whether a change explains a mutation. One change explains each kind of mutation of one path once. */
function accountFor(change, { realPath, moduleFiles }) {
  switch (change.kind) {
    case 'write-attribute': {
      const path = realPath(change.path)
      return (mutation) =>
        mutation.path === path &&
        (mutation.kind === 'open' || (mutation.kind === 'write' && mutation.value === change.value))
    }
    case 'load-kernel-module': {
      const files = moduleFiles(change.name)
      return (mutation) => mutation.kind === 'module' && files.includes(mutation.path)
    }
    case 'unload-kernel-module': {
      const names = moduleFiles(change.name).map(moduleOfFile)
      return (mutation) => mutation.kind === 'module' && names.includes(mutation.path)
    }
    default:
      throw new Error(`this scenario has no rule for ${change.kind}`)
  }
}

function isExempt({ kind, path, paths = [path] }, exempt) {
  if (kind === 'signal' || kind === 'module' || kind === 'write' || paths.length === 0) return false
  return paths.every((one) => exempt.some((folder) => one === folder || one.startsWith(`${folder}/`)))
}

function moduleOfFile(path) {
  const [name] = path.split('/').at(-1).split('.ko')
  return name.replaceAll('-', '_')
}
