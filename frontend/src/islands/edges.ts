/** What scrolls sideways. Its cut edges are marked, so that one sees that there is more. */
const STRIPS = '.list>.scroll,.tabs,.fbar,.settings>.nav,.scroll-x';

// The fade of a cut edge.
const ROOM = 32;

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

/** Brings the place where one is into sight, and moves nothing but the strip. */
function show(strip: Element): void {
  const current = strip.querySelector('[aria-current],[aria-selected=true]');
  if (!current) return;
  const [all, one] = [strip.getBoundingClientRect(), current.getBoundingClientRect()];
  if (one.left < all.left + ROOM || one.right > all.right - ROOM) strip.scrollLeft += (one.left + one.right - all.left - all.right) / 2;
}

/** Watches what has come onto the page. */
export function edges(root: ParentNode): void {
  for (const strip of root.querySelectorAll<HTMLElement>(STRIPS)) {
    if (strip.dataset.edged !== undefined) continue;
    strip.dataset.edged = '';
    show(strip);
    sizes.observe(strip);
    if (strip.firstElementChild) sizes.observe(strip.firstElementChild);
  }
}
