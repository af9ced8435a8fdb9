import { tones, TONES } from './tones';

it('gives each service a colour in the order of appearance', () => {
  expect([...tones(['b', 'a', 'b'])]).toEqual([
    ['b', 'tone-0'],
    ['a', 'tone-1'],
  ]);
});

it('begins again when there are no more', () => {
  const services = Array.from({ length: TONES + 1 }, (_, place) => `service-${place}`);
  expect(tones(services).get(`service-${TONES}`)).toBe('tone-0');
});
