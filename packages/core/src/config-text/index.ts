export { configProblem } from './config-problem.js'
export { nearestName } from './nearest-name.js'
export { type ConfigText, readConfigText } from './read-config-text.js'
