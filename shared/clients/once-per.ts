/** Returns a memoized `make`: it runs once for each key, at the first use, and again only after it has failed. */
export function oncePer<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const results = new Map<string, Promise<T>>();
  return (key) => {
    const known = results.get(key);
    if (known) return known;
    const result = make(key).catch((error: unknown) => {
      results.delete(key);
      throw error;
    });
    results.set(key, result);
    return result;
  };
}
