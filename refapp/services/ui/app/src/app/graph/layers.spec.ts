import { Arc, layersOf } from './layers';

function layers(names: string, ...arcs: string[]): Record<string, number> {
  return Object.fromEntries(
    layersOf(
      [...names],
      arcs.map((arc): Arc => [arc[0], arc[1]]),
    ),
  );
}

describe('layersOf', () => {
  it('puts a node below all that lead to it', () => {
    expect(layers('abcd', 'ab', 'bc', 'ad', 'cd')).toEqual({ a: 0, b: 1, c: 2, d: 3 });
  });

  it('does not mind the order of names and arcs', () => {
    expect(layers('dcba', 'cd', 'ad', 'bc', 'ab')).toEqual({ a: 0, b: 1, c: 2, d: 3 });
  });

  it('leaves out what closes a cycle', () => {
    expect(layers('abc', 'ab', 'bc', 'ca')).toEqual({ a: 0, b: 1, c: 2 });
    expect(layers('ab', 'aa', 'ab')).toEqual({ a: 0, b: 1 });
  });

  it('leaves out what it does not know', () => {
    expect(layers('a', 'ax', 'xa')).toEqual({ a: 0 });
    expect(layers('')).toEqual({});
  });
});
