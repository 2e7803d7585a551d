/** Adds to the end of a list and drops from its beginning what is over the bound. */
export function pushBounded<Value>(list: Value[], value: Value, most: number): void {
  list.push(value)
  if (list.length > most) list.splice(0, list.length - most)
}

/** Sets an entry as the newest of a map and drops the oldest that are over the bound. */
export function setBounded<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= most) return
    map.delete(oldest)
  }
}

/** Adds to a set as its newest and drops the oldest that are over the bound. */
export function addBounded<Value>(set: Set<Value>, value: Value, most: number): void {
  set.add(value)
  for (const oldest of set) {
    if (set.size <= most) return
    set.delete(oldest)
  }
}
