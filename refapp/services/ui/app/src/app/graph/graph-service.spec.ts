import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { Graph } from './graph';
import { GraphService } from './graph-service';

it('asks for the traffic of the last seconds', () => {
  TestBed.configureTestingModule({ providers: [provideHttpClient(), provideHttpClientTesting()] });
  let graph: Graph | undefined;
  TestBed.inject(GraphService)
    .graph(30)
    .subscribe((found) => (graph = found));
  TestBed.inject(HttpTestingController).expectOne('/graph.json?window=30').flush({ nodes: [], edges: [] });
  expect(graph).toEqual({ nodes: [], edges: [] });
});
