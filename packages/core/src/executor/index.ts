export { createLocalExecutor } from './local-executor.js'
export { createRecordingExecutor, type RecordedCall, type RecordingExecutor } from './recording-executor.js'
