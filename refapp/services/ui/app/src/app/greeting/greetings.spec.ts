import { readGreetings } from './greetings';

it('reads greetings in their order', () => {
  const item = { id: '1', service: 'A', message: 'नमस्ते', created: '2026-01-02T03:04:05Z', hostname: 'h' };
  expect(readGreetings({ greeting: [item, { service: 'B' }] })).toEqual([
    item,
    { id: '', service: 'B', message: '', created: '', hostname: '' },
  ]);
});

it('takes an answer without the field for one without greetings, as protobuf writes it', () => {
  expect(readGreetings({})).toEqual([]);
});

it.each([null, [], 'x', { greeting: 'x' }, { greeting: [1] }])('refuses %j', (answer) => {
  expect(() => readGreetings(answer)).toThrow(TypeError);
});
