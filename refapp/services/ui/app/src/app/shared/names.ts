/**
 * The name to show for each service: without its namespace when all are of the same one.
 *
 * Istio names a component `service-a.dev`: after the workload the namespace.
 */
export function shortNames(services: Iterable<string>): Map<string, string> {
  const names = [...new Set(services)];
  const parts = names.map((name) => /^(.+)\.([^.]+)$/.exec(name));
  const namespaces = new Set(parts.map((part) => part?.[2]));
  const shared = namespaces.size === 1 && !namespaces.has(undefined);
  return new Map(names.map((name, place) => [name, shared ? parts[place]![1] : name]));
}

/** An operation without the namespace and domain of a host in a cluster: `service-a/*`. */
export function shortOperation(operation: string): string {
  return operation.replace(/^([\w-]+)\.[\w-]+\.svc\.[\w.-]+?(?::\d+)?(?=\/|$)/, '$1');
}
