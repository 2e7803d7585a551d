import { options, pagesModule } from '../good-module.js'

let parsed = 0

export default pagesModule({
  options: options.transform((value) => {
    parsed += 1
    return { ...value, parsed }
  }),
})
