// The devices that the recording uses; the same addresses as in machine/topology.ts.
export const nic = '0000:01:00.0'
export const nicAudio = '0000:01:00.1'
export const nvme = '0000:02:00.0'
export const rootPort = '0000:00:05.0'
export const display = '0000:03:00.0'
export const displayAudio = '0000:03:00.1'
export const pciBridge = '0000:04:00.0'
export const bystander = '0000:05:02.0'
export const physicalFunction = '0000:06:00.0'
export const twins = ['0000:07:00.0', '0000:08:00.0']
export const ungrouped = '0000:81:00.0'
export const sata = '0000:00:1f.2'
export const absent = '0000:77:00.0'
