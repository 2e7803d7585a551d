export { readTopology } from './read-topology.js'
