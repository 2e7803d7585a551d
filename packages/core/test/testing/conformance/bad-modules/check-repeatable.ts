import { pagesModule } from '../good-module.js'

let calls = 0

export default pagesModule({
  async check(_, good) {
    calls += 1
    return (await good()).map((finding) => ({ ...finding, summary: `${finding.summary} (${calls})` }))
  },
})
