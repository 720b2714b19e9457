type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/** Builds an element: `onclick` and the like become listeners, true an empty attribute, false and null none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as unknown as EventListener);
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child): child is Node | string => !!child || child === ''));
  return element;
}

/** An icon of the sprite, hidden from screen readers. */
export function icon(name: string, extra = ''): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', `i ${extra}`.trim());
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `${meta('icons')}#i-${name}`);
  svg.append(use);
  return svg;
}

/** The content of a `<meta name>`, or an empty text. */
export const meta = (name: string): string =>
  document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? '';

/** The closest ancestor of an event's target that matches. */
export const at = <T extends Element = HTMLElement>(event: Event, selector: string): T | null =>
  event.target instanceof Element ? event.target.closest<T>(selector) : null;

/** True where a key press belongs to what the person is writing or to an open dialog. */
export function typing(event: Event): boolean {
  return (
    !!at(event, 'input:not([type=checkbox],[type=radio],[type=button]),textarea,select,[contenteditable]') ||
    !!document.querySelector('dialog[open]')
  );
}

/** +1 where the arrow points along the reading direction, −1 against it, 0 for other keys. */
export function along(key: string, element: Element): number {
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return 0;
  const rtl = getComputedStyle(element).direction === 'rtl';
  return (key === 'ArrowRight') === !rtl ? 1 : -1;
}

/** Keeps a choice for a year. */
export function remember(name: string, value: string): void {
  const secure = location.protocol === 'https:' ? ';secure' : '';
  document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax${secure}`;
}

let serial = 0;
/** An id that the page does not have yet. */
export const uid = (stem: string): string => `${stem}-${++serial}`;

/** Waits until calls have stopped for a while, then makes the last one. */
export function debounce<A extends unknown[]>(ms: number, call: (...args: A) => void): (...args: A) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...args), ms);
  };
}
