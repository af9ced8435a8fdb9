import { span } from '../../testing/trace';
import { Span } from './span';
import { treeOf } from './trace-tree';

const START = span('x').start;

/** The lines of the tree: the id of each span, indented by its depth. */
function lines(...spans: Span[]): string[] {
  return treeOf(spans).map(({ span: { id, kind }, depth }) => '-'.repeat(depth) + id + kind);
}

describe('treeOf', () => {
  it('puts children below their parents, in the order of their starts', () => {
    expect(
      lines(
        span('late', { parentId: 'root', start: START + 50 }),
        span('deep', { parentId: 'early', start: START + 20 }),
        span('early', { parentId: 'root', start: START + 10 }),
        span('root'),
      ),
    ).toEqual(['root', '-early', '--deep', '-late']);
  });

  it('makes a root of a span whose parent is missing, and says so', () => {
    const branches = treeOf([span('root'), span('lost', { parentId: 'gone', start: START + 1 })]);
    expect(branches.map(({ depth, orphan }) => [depth, orphan])).toEqual([
      [0, false],
      [0, true],
    ]);
  });

  it('puts the called side of a shared span below the calling one', () => {
    expect(
      lines(
        span('s', { kind: 'server', service: 'b', start: START + 1 }),
        span('s', { kind: 'client', service: 'a' }),
        span('inner', { parentId: 's', service: 'b', start: START + 2 }),
      ),
    ).toEqual(['sclient', '-sserver', '--inner']);
  });

  it('keeps a child that starts before its parent, by a clock that is late', () => {
    expect(lines(span('root'), span('child', { parentId: 'root', start: START - 500 }))).toEqual(['root', '-child']);
  });

  it('breaks cycles at their first span', () => {
    expect(lines(span('a', { parentId: 'b' }), span('b', { parentId: 'a', start: START + 1 }))).toEqual(['a', '-b']);
    expect(lines(span('a', { parentId: 'a' }))).toEqual(['a']);
  });

  it('loses no span, however deep the trace is', () => {
    const spans = Array.from({ length: 3000 }, (_, place) =>
      span(`${place}`, { parentId: place ? `${place - 1}` : '' }),
    );
    expect(treeOf(spans).at(-1)?.depth).toBe(2999);
  });
});
