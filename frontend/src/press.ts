/** So long a finger rests before it carries; one that moves on before that scrolls. */
const REST = 350;
const SLOP = 10;
/** A pointer this near to an edge of what scrolls has it scroll. */
const EDGE = 48;
const MOST = 14;

/** Calls `take` for what a press grasps: by mouse or pen at once, by a finger when it has rested. */
export function pressed(event: PointerEvent, take: () => void): void {
  if (event.pointerType !== 'touch') return take();
  const left = new AbortController();
  const { signal } = left;
  const timer = setTimeout(() => {
    left.abort();
    navigator.vibrate?.(10);
    take();
  }, REST);
  const leave = (): void => {
    clearTimeout(timer);
    left.abort();
  };
  const { clientX: x, clientY: y } = event;
  document.addEventListener(
    'pointermove',
    (next) => Math.hypot(next.clientX - x, next.clientY - y) > SLOP && leave(),
    { signal },
  );
  // A second finger, a lifted one, one that scrolls; the press itself is still on its way to the document.
  for (const name of ['pointerdown', 'pointerup', 'pointercancel'])
    document.addEventListener(name, (next) => next !== event && leave(), { signal });
}

/** While something is held, a finger neither scrolls nor opens the menu of links. */
export function steady(element: HTMLElement, isHeld: () => boolean, signal: AbortSignal): void {
  const refuse = (event: Event): void => {
    if (isHeld() && event.cancelable) event.preventDefault();
  };
  element.addEventListener('touchmove', refuse, { signal, passive: false });
  element.addEventListener('contextmenu', refuse, { signal });
}

/** Scrolls a box while the pointer is held at its upper or lower edge. */
export class Edges {
  private speed = 0;
  private frame = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly moved: () => void,
  ) {}

  at(y: number): void {
    const { top, bottom } = this.box.getBoundingClientRect();
    const over = y < top + EDGE ? y - top - EDGE : y > bottom - EDGE ? y - bottom + EDGE : 0;
    this.speed = Math.max(-1, Math.min(1, over / EDGE)) * MOST;
    if (this.speed && !this.frame) this.frame = requestAnimationFrame(this.step);
  }

  stop(): void {
    this.speed = 0;
  }

  private step = (): void => {
    this.frame = 0;
    if (!this.speed) return;
    const before = this.box.scrollTop;
    this.box.scrollBy({ top: this.speed, behavior: 'instant' });
    if (this.box.scrollTop === before) return;
    this.moved();
    this.frame = requestAnimationFrame(this.step);
  };
}
