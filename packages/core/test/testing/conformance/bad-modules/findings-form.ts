import { pagesModule } from '../good-module.js'

export default pagesModule({
  check: async (_, good) => (await good()).map((finding) => ({ ...finding, severity: 'high' })),
})
