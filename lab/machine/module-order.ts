import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The module files that `names` need, dependencies first, as paths below `modules`; a module that is built in needs none. */
export async function moduleOrder(modules: string, names: readonly string[]): Promise<string[]> {
  const index = await readFile(join(modules, 'modules.dep'), 'utf8')
  const builtIn = new Set((await readFile(join(modules, 'modules.builtin'), 'utf8')).split('\n').map(moduleName))
  const byName = new Map<string, { file: string; needs: string[] }>()
  for (const line of index.split('\n')) {
    const [file, needs] = line.split(':')
    if (file && needs !== undefined) byName.set(moduleName(file), { file, needs: needs.split(' ').filter(Boolean) })
  }
  const order: string[] = []
  const visit = (name: string): void => {
    const module = byName.get(name)
    if (!module) {
      if (builtIn.has(name)) return
      throw new Error(`this kernel has no module ${name}`)
    }
    for (const file of module.needs) visit(moduleName(file))
    if (!order.includes(module.file)) order.push(module.file)
  }
  for (const name of names) visit(name)
  return order
}

function moduleName(file: string): string {
  return (file.split('/').at(-1) ?? '').replace(/\.ko(\.\w+)?$/, '').replaceAll('-', '_')
}
