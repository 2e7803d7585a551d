import { pagesModule } from '../good-module.js'

export default pagesModule({
  async apply(context, good) {
    Object.assign(context.options, { seen: true })
    return good()
  },
})
