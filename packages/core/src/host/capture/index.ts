export { type CaptureOptions, captureSnapshot } from './capture-snapshot.js'
