import { shortNames, shortOperation } from './names';

it('leaves out the namespace when all services share it', () => {
  expect([...shortNames(['service-a.dev', 'service-b.dev', 'service-a.dev'])]).toEqual([
    ['service-a.dev', 'service-a'],
    ['service-b.dev', 'service-b'],
  ]);
});

it.each([[['service-a.dev', 'ingress.istio-system']], [['service-a.dev', 'mongodb']], [['mongodb']]])(
  'keeps %j',
  (names) => {
    expect([...shortNames(names).values()]).toEqual(names);
  },
);

it.each([
  ['service-a.dev.svc.cluster.local:50051/*', 'service-a/*'],
  ['service-a.dev.svc.cluster.local', 'service-a'],
  ['publish letters', 'publish letters'],
])('shortens %s', (operation, short) => expect(shortOperation(operation)).toBe(short));
