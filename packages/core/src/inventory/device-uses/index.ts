export { readDeviceUses } from './read-device-uses.js'
