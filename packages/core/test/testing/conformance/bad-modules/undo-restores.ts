import { pagesModule } from '../good-module.js'

export default pagesModule({
  apply: async (_, good) => (await good()).map((change) => ({ ...change, undo: { none: 'nobody needs it back' } })),
})
