import { HttpClient } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import { map, Observable } from 'rxjs';
import { Graph, readGraph } from './graph';

@Injectable({ providedIn: 'root' })
export class GraphService {
  private readonly http = inject(HttpClient);

  /** The traffic of the last seconds. */
  graph(window: number): Observable<Graph> {
    return this.http.get<unknown>('/graph.json', { params: { window } }).pipe(map(readGraph));
  }
}
