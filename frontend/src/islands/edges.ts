/** What scrolls sideways. Its cut edges are marked, so that one sees that there is more. */
const STRIPS = '.list>.scroll,.tabs,.fbar,.settings>.nav';

function tell(strip: Element): void {
  const gone = Math.abs(strip.scrollLeft);
  strip.toggleAttribute('data-before', gone > 2);
  strip.toggleAttribute('data-after', strip.scrollWidth - strip.clientWidth - gone > 2);
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const strip = target.closest(STRIPS);
    if (strip) tell(strip);
  }
});
document.addEventListener(
  'scroll',
  ({ target }) => {
    if (target instanceof Element && target.matches(STRIPS)) tell(target);
  },
  { capture: true, passive: true },
);

/** Watches what has come onto the page. */
export function edges(root: ParentNode): void {
  for (const strip of root.querySelectorAll<HTMLElement>(STRIPS)) {
    if (strip.dataset.edged !== undefined) continue;
    strip.dataset.edged = '';
    sizes.observe(strip);
    if (strip.firstElementChild) sizes.observe(strip.firstElementChild);
  }
}
