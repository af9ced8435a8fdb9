/** How many colours there are for services; the style sheet has them as `tone-0`, `tone-1` and so on. */
export const TONES = 12;

/** A class with a colour for each service, in the order in which they first appear. */
export function tones(services: Iterable<string>): Map<string, string> {
  return new Map([...new Set(services)].map((service, place) => [service, `tone-${place % TONES}`]));
}
