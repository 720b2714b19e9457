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
  // The first column stays in sight above the others: what lies beneath it is not seen.
  const pinned = strip.querySelector('.stays tr>:first-child')?.getBoundingClientRect();
  const first = pinned && !current.closest('.stays tr>:first-child') ? pinned : undefined;
  const left = all.left + (first && first.left - all.left < 1 ? first.width : ROOM);
  const right = all.right - (first && all.right - first.right < 1 ? first.width : ROOM);
  if (one.left < left || one.right > right) strip.scrollLeft += (one.left + one.right - left - right) / 2;
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
