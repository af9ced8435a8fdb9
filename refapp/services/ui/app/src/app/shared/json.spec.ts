import { isRecord, number, records, text, texts } from './json';

it('tells records from everything else', () => {
  expect([{}, [], null, 'x', 1].map(isRecord)).toEqual([true, false, false, false, false]);
});

it('takes only what is of the kind', () => {
  expect([text('x'), text(1), text(null)]).toEqual(['x', '', '']);
  expect([number(1), number('1'), number(null), number(Number.NaN)]).toEqual([1, undefined, undefined, undefined]);
  expect(texts(['x', 1, null])).toEqual(['x']);
  expect(records(null, isRecord)).toEqual([]);
  expect(records([{}, 1], isRecord)).toEqual([{}]);
});
