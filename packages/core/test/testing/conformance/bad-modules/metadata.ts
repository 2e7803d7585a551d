import type { JanusModule } from '../../../../src/contract/module.js'
import { pagesModule } from '../good-module.js'

const module = pagesModule()

export default Object.freeze({ ...module, metadata: { ...module.metadata, id: 'Pages_1' } }) as JanusModule
