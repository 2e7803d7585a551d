import { pagesModule } from '../good-module.js'

let calls = 0

export default pagesModule({
  async apply(_, good) {
    calls += 1
    return (await good()).map((change) => ({ ...change, why: `reserve hugepages, call ${calls}` }))
  },
})
