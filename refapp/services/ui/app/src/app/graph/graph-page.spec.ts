import { signal } from '@angular/core';
import { ComponentFixture, TestBed } from '@angular/core/testing';
import { LoggerTestingModule } from 'ngx-logger/testing';
import { of, Subject, throwError } from 'rxjs';
import { textsOf } from '../../testing/dom';
import { Visibility } from '../shared/visibility';
import { Graph } from './graph';
import { GraphPage, REFRESH } from './graph-page';
import { GraphService } from './graph-service';

const GRAPH: Graph = {
  nodes: [
    { id: 'a', kind: 'workload' },
    { id: 'b', kind: 'workload' },
    { id: 'mongodb', kind: 'service' },
  ],
  edges: [
    { source: 'a', destination: 'b', protocol: 'grpc', rate: 3.2, failed: 0.5, p95: 12.3, mtls: true },
    { source: 'b', destination: 'mongodb', protocol: 'tcp', rate: 1234, failed: 0, p95: undefined, mtls: undefined },
  ],
};

describe('GraphPage', () => {
  const graph = vi.fn();
  const visible = signal(true);
  let fixture: ComponentFixture<GraphPage>;
  let page: HTMLElement;

  beforeEach(() => {
    vi.useFakeTimers();
    visible.set(true);
    graph.mockReset().mockReturnValue(of(GRAPH));
    TestBed.configureTestingModule({
      imports: [LoggerTestingModule],
      providers: [
        { provide: GraphService, useValue: { graph } },
        { provide: Visibility, useValue: { visible } },
      ],
    });
  });

  afterEach(() => {
    fixture.destroy();
    vi.useRealTimers();
  });

  async function render(): Promise<void> {
    fixture = TestBed.createComponent(GraphPage);
    page = fixture.nativeElement as HTMLElement;
    await pass(1);
  }

  async function pass(time: number): Promise<void> {
    fixture.detectChanges();
    await vi.advanceTimersByTimeAsync(time);
    fixture.detectChanges();
  }

  it('draws the graph and has the same as a table', async () => {
    await render();
    expect(page.querySelectorAll('.node')).toHaveLength(3);
    expect(page.querySelectorAll('path.edge')).toHaveLength(2);
    expect([...page.querySelectorAll('tbody tr')].map((row) => textsOf(row, 'td'))).toEqual([
      ['a', 'b', 'grpc', '3.2/s', '50 %', '12 ms', 'yes'],
      ['b', 'mongodb', 'tcp', '1.2 kB/s', '–', '–', '–'],
    ]);
  });

  it('shows errors by colour, line and text', async () => {
    await render();
    expect(page.querySelectorAll('path.edge.failed')).toHaveLength(1);
    expect(page.querySelector('.label.failed')?.textContent).toContain('× 50 %');
    expect(textsOf(page, '.node.failing text')).toEqual(['b']);
  });

  it('refreshes every few seconds while it can be seen', async () => {
    await render();
    await pass(2 * REFRESH);
    expect(graph).toHaveBeenCalledTimes(3);
    visible.set(false);
    await pass(5 * REFRESH);
    expect(graph).toHaveBeenCalledTimes(3);
  });

  it('asks for another time when one is chosen', async () => {
    await render();
    const select = page.querySelector('select')!;
    select.value = '300';
    select.dispatchEvent(new Event('change'));
    await pass(1);
    expect(graph).toHaveBeenLastCalledWith(300);
  });

  it('takes no notice of a graph of another time that comes too late', async () => {
    const late = new Subject<Graph>();
    graph.mockImplementation((window: number) => (window === 300 ? of(GRAPH) : late));
    await render();
    const select = page.querySelector('select')!;
    select.value = '300';
    select.dispatchEvent(new Event('change'));
    await pass(1);
    late.next({ nodes: [], edges: [] });
    await pass(1);
    expect(page.querySelectorAll('.node')).toHaveLength(3);
  });

  it('takes no notice of a failure that comes too late', async () => {
    const late = new Subject<Graph>();
    graph.mockImplementation((window: number) => (window === 300 ? of(GRAPH) : late));
    await render();
    const select = page.querySelector('select')!;
    select.value = '300';
    select.dispatchEvent(new Event('change'));
    await pass(1);
    late.error(new Error('Prometheus is away'));
    await pass(1);
    expect(page.querySelector('[role=status]')?.textContent?.trim()).toBe('');
  });

  it('keeps the last graph when a refresh fails, and says why', async () => {
    await render();
    graph.mockReturnValue(throwError(() => new Error('Prometheus is away')));
    await pass(REFRESH);
    expect(page.querySelector('[role=status]')?.textContent).toContain('Prometheus is away');
    expect(page.querySelectorAll('.node')).toHaveLength(3);
    graph.mockReturnValue(of(GRAPH));
    await pass(REFRESH);
    expect(page.querySelector('[role=status]')?.textContent?.trim()).toBe('');
  });

  it('tells when there was no traffic', async () => {
    graph.mockReturnValue(of({ nodes: [], edges: [] }));
    await render();
    expect(page.textContent).toContain('No traffic was seen');
  });
});
