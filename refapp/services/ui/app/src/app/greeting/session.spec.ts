import { TestBed } from '@angular/core/testing';
import { Subject } from 'rxjs';
import { exchange } from '../../testing/platform';
import { Exchange, GreetingService } from './greeting-service';
import { REMEMBERED, Session } from './session';

describe('Session', () => {
  let answers: Subject<Exchange>[];
  let session: Session;

  beforeEach(() => {
    answers = [];
    const ask = () => {
      answers.push(new Subject<Exchange>());
      return answers.at(-1)!;
    };
    TestBed.configureTestingModule({ providers: [{ provide: GreetingService, useValue: { ask } }] });
    session = TestBed.inject(Session);
  });

  it('has one request on its way at most', async () => {
    const asked = session.ask();
    await session.ask();
    expect(answers).toHaveLength(1);
    expect(session.asking()).toBe(true);
    answers[0].next(exchange(5));
    await asked;
    expect(session.asking()).toBe(false);
    expect(session.latest()?.milliseconds).toBe(5);
  });

  it('remembers the last ones', async () => {
    for (let turn = 0; turn < REMEMBERED + 3; turn++) {
      const asked = session.ask();
      answers[turn].next(exchange(turn));
      await asked;
    }
    expect(session.history()).toHaveLength(REMEMBERED);
    expect(session.history()[0].milliseconds).toBe(3);
  });
});
