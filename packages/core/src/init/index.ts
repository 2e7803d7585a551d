export { checkInit } from './check-init.js'
export { initChanges } from './plan-init.js'
