import { readFileSync } from 'node:fs'

/**
 * Hugepages and their neighbours: a write that is only partly granted answers ok. On node 1, because what is granted is all
 * the memory that the node has, and this program needs some.
 */
export async function memory({ write, keep }) {
  const node = '/sys/devices/system/node/node1/hugepages'
  const attempt = async (path, content, expect) => {
    await write(path, content, { expect })
    let read
    try {
      read = readFileSync(path, 'utf8')
    } catch (error) {
      read = `<${error.code}>`
    }
    keep({ operation: { kind: 'read', path }, result: 'ok', content: read })
  }
  await attempt(`${node}/hugepages-2048kB/nr_hugepages`, '8', 'ok')
  await attempt(`${node}/hugepages-2048kB/nr_hugepages`, '100000', 'ok')
  await attempt(`${node}/hugepages-2048kB/nr_hugepages`, 'abc', 'EINVAL')
  await attempt(`${node}/hugepages-2048kB/nr_hugepages`, '-1', 'EINVAL')
  await attempt(`${node}/hugepages-2048kB/nr_hugepages`, '', undefined)
  await attempt(`${node}/hugepages-2048kB/nr_hugepages`, '0', 'ok')
  await attempt(`${node}/hugepages-1048576kB/nr_hugepages`, '1', 'ok')
  await attempt('/proc/sys/vm/nr_hugepages', '4', 'ok')
  await attempt('/proc/sys/vm/nr_hugepages', '0', 'ok')
  await attempt('/sys/kernel/mm/transparent_hugepage/enabled', 'bogus', 'EINVAL')
  await attempt('/sys/kernel/mm/transparent_hugepage/enabled', 'never', 'ok')
  await attempt('/sys/kernel/mm/transparent_hugepage/enabled', 'always', 'ok')
  await attempt('/proc/irq/default_smp_affinity', '0', 'EINVAL')
  // EIO on 6.1, EPERM on 6.12.
  await attempt('/proc/irq/0/smp_affinity_list', '0', undefined)
}
