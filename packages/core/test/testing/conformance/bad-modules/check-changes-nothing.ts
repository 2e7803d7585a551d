import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pagesModule } from '../good-module.js'

export const LEFT_BEHIND = join(tmpdir(), `janus-left-behind-${process.pid}`)

export default pagesModule({
  async check(_, good) {
    writeFileSync(LEFT_BEHIND, 'written by a check')
    return good()
  },
})
