import { Workload } from '../settings/settings';
import { Greeting } from './greetings';

/** A service in the tree of calls, and what it said; undefined where it said nothing. */
export interface Hop {
  readonly workload: Workload;
  readonly greeting: Greeting | undefined;
  /** The gateway passes calls on and has no greeting of its own. */
  readonly entry: boolean;
  readonly calls: readonly Hop[];
  readonly queue: Queue | undefined;
}

/** Where a service publishes its message, and who takes it from there. */
export interface Queue {
  readonly name: string;
  readonly consumers: readonly Workload[];
}

export interface Chain {
  readonly hops: readonly Hop[];
  /** Greetings of services that have no place in the tree of calls. */
  readonly others: readonly Greeting[];
}

/**
 * The chain of services that an answer came through.
 *
 * The greetings are in the order of the calls, each caller before its callees, so a service that is called twice has
 * the first of its greetings where it is called first.
 */
export function chainOf(workloads: readonly Workload[], greetings: readonly Greeting[]): Chain {
  const byName = new Map(workloads.map((workload) => [workload.name, workload]));
  const called = new Set(workloads.flatMap((workload) => workload.calls));
  const left = [...greetings];

  const take = (workload: Workload): Greeting | undefined => {
    const place = left.findIndex(({ service }) => service === workload.title || service === workload.name);
    return place < 0 ? undefined : left.splice(place, 1)[0];
  };

  const hop = (workload: Workload, callers: readonly Workload[]): Hop => {
    const entry = callers.length === 0;
    const path = [...callers, workload];
    return {
      workload,
      entry,
      greeting: take(workload),
      calls: workload.calls
        .map((name) => byName.get(name))
        .filter((callee) => callee !== undefined)
        .filter((callee) => !path.includes(callee))
        .map((callee) => hop(callee, path)),
      queue: queueOf(workload, workloads),
    };
  };

  const entries = workloads.filter(({ name, calls }) => !called.has(name) && calls.length > 0);
  const hops = entries.map((workload) => hop(workload, []));
  return { hops, others: left };
}

function queueOf({ publishes }: Workload, workloads: readonly Workload[]): Queue | undefined {
  if (!publishes) return undefined;
  return { name: publishes, consumers: workloads.filter(({ consumes }) => consumes === publishes) };
}
