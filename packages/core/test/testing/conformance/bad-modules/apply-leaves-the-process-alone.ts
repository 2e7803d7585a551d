import { pagesModule } from '../good-module.js'

export default pagesModule({
  async apply(_, good) {
    process.env.JANUS_PAGES = 'reserved'
    return good()
  },
})
