import { pagesModule } from '../good-module.js'

export default { ...pagesModule() }
