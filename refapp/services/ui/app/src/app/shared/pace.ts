/**
 * Runs a task again and again, `interval` milliseconds from start to start, the first time at once.
 *
 * One run at a time: a slow one delays the next, and however many were missed meanwhile, one of them is made up for.
 *
 * @returns ends it; a run that has begun is not interrupted.
 */
export function repeat(interval: number, task: () => Promise<unknown>): () => void {
  let ended = false;
  let due = performance.now();
  const turn = async (): Promise<void> => {
    await task();
    if (ended) return;
    const now = performance.now();
    due = Math.max(due + interval, now);
    timer = setTimeout(turn, due - now);
  };
  let timer = setTimeout(turn);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
