import { Arc } from './layers';
import { crossings, orderLayers } from './ordering';

const arcs = (...names: string[]): Arc[] => names.map((name): Arc => [name[0], name[1]]);

it('counts crossings', () => {
  expect(
    crossings(
      [
        ['a', 'b'],
        ['x', 'y'],
      ],
      arcs('ax', 'by'),
    ),
  ).toBe(0);
  expect(
    crossings(
      [
        ['a', 'b'],
        ['x', 'y'],
      ],
      arcs('ay', 'bx'),
    ),
  ).toBe(1);
});

it('takes crossings away', () => {
  const layers = [['r'], ['a', 'b', 'c'], ['x', 'y', 'z']];
  const lines = arcs('ra', 'rb', 'rc', 'az', 'by', 'cx');
  expect(crossings(layers, lines)).toBe(3);
  const ordered = orderLayers(layers, lines);
  expect(crossings(ordered, lines)).toBe(0);
  expect(ordered.map((layer) => [...layer].sort())).toEqual(layers);
});

it('does not make an order worse that it cannot improve', () => {
  const layers = [
    ['a', 'b'],
    ['x', 'y'],
  ];
  const all = arcs('ax', 'ay', 'bx', 'by');
  expect(crossings(orderLayers(layers, all), all)).toBe(1);
});
