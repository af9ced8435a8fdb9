/** The texts of what a selector finds, as a reader sees them: without the blanks of the template around them. */
export function textsOf(root: ParentNode, selector: string): string[] {
  return [...root.querySelectorAll(selector)].map((found) => found.textContent.replace(/\s+/g, ' ').trim());
}
