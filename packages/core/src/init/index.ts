export { checkInit } from './check-init.js'
export { initChanges } from './init-changes.js'
