export {
  type AskedParameter,
  type CommandLineRequest,
  parameterWords,
} from './command-line/command-line-request.js'
