import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../machine/cache-folder.js'
import { reportedValue } from '../machine/record.js'
import { defineScenario } from '../scenario.js'

export default defineScenario({
  summary: 'what sysfs and proc hold, as one JSON file in the cache (path to text, or to { link })',
  async run({ boot, guestProgram, note }) {
    const { results, kernel } = await boot({ program: guestProgram('tree'), timeoutSeconds: 3_600 })
    const names = results.flatMap((record) => (record.type === 'value' ? [record.name] : []))
    const tree = Object.assign({}, ...names.map((name) => reportedValue(results, name)))
    const file = join(cacheFolder(), 'trees', `${kernel.release}.json`)
    await mkdir(join(cacheFolder(), 'trees'), { recursive: true })
    await writeFile(file, `${JSON.stringify(tree, null, 1)}\n`)
    note(`${Object.keys(tree).length} entries in ${file}`)
  },
})
