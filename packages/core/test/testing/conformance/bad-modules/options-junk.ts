import { options, pagesModule } from '../good-module.js'

const { safeParse } = options

export default pagesModule({
  options: Object.assign(options.clone(), {
    safeParse: (data: unknown) => safeParse(data === null ? {} : data),
  }),
})
