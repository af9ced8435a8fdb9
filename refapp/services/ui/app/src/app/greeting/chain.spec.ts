import { greeting, workload, WORKLOADS } from '../../testing/platform';
import { chainOf, Hop } from './chain';

/** The tree as nested names; a service without a greeting has a question mark. */
function outline(hop: Hop): unknown {
  const name = `${hop.workload.name}${hop.greeting ? '' : '?'}`;
  return hop.calls.length ? [name, ...hop.calls.map(outline)] : name;
}

describe('chainOf', () => {
  it('nests the services as they call each other', () => {
    const { hops, others } = chainOf(
      WORKLOADS,
      ['Service A', 'Service B', 'Service C'].map((name) => greeting(name)),
    );
    expect(hops.map(outline)).toEqual([['gateway?', ['a', 'b', 'c']]]);
    expect(hops[0].entry).toBe(true);
    expect(hops[0].calls[0].entry).toBe(false);
    expect(others).toEqual([]);
  });

  it('shows a service that is missing in the answer where it was called', () => {
    const { hops } = chainOf(WORKLOADS, [greeting('Service A'), greeting('Service C')]);
    expect(hops.map(outline)).toEqual([['gateway?', ['a', 'b?', 'c']]]);
  });

  it('gives a service that is called twice its greetings in the order of the calls', () => {
    const workloads = [
      workload('gateway', 'G', ['a']),
      workload('a', 'A', ['b', 'c']),
      workload('b', 'B', ['d']),
      workload('c', 'C', ['d']),
      workload('d', 'D'),
    ];
    const first = { ...greeting('D'), id: 'first' };
    const second = { ...greeting('D'), id: 'second' };
    const { hops } = chainOf(workloads, [greeting('A'), greeting('B'), first, greeting('C'), second]);
    const [b, c] = hops[0].calls[0].calls;
    expect([b.calls[0].greeting?.id, c.calls[0].greeting?.id]).toEqual(['first', 'second']);
  });

  it('tells where a message goes, and leaves the consumer out of the tree', () => {
    const { hops } = chainOf(WORKLOADS, [greeting('Service B')]);
    const [a] = hops[0].calls;
    expect(a.queue).toBeUndefined();
    expect(a.calls[0].queue).toEqual({ name: 'letters', consumers: [WORKLOADS[4]] });
    expect(hops).toHaveLength(1);
  });

  it('keeps what it cannot place', () => {
    expect(chainOf(WORKLOADS, [greeting('Service Z')]).others.map(({ service }) => service)).toEqual(['Service Z']);
    expect(chainOf([], [greeting('Service A')]).others).toHaveLength(1);
  });

  it('finds a service by its name too', () => {
    expect(chainOf(WORKLOADS, [greeting('a')]).others).toEqual([]);
  });

  it('leaves out calls that lead nowhere, or back', () => {
    const { hops } = chainOf(
      [workload('g', 'G', ['a']), workload('a', 'A', ['b', 'gone']), workload('b', 'B', ['a'])],
      [],
    );
    expect(hops.map(outline)).toEqual([['g?', ['a?', 'b?']]]);
  });
});
