/** What is fetched when a page asks for it, and what a person does to it meanwhile: nothing of that is lost. */

/** What is on its way: who waits for it, by selector. */
const coming = new Set<{ selector: string; done: Promise<void> }>();

/** Fetches what those who match wait for. Until it is there, the whole page says that something is coming. */
export function fetched(selector: string, load: () => Promise<void>): Promise<void> {
  const part = { selector, done: load() };
  const tell = () => document.documentElement.toggleAttribute('data-coming', coming.size > 0);
  part.done = part.done.finally(() => {
    coming.delete(part);
    tell();
  });
  coming.add(part);
  tell();
  return part.done;
}

/** Elements of which each is met once, also those that enter the page later; `load` says what each of them is given. */
export class Met {
  private readonly known = new WeakSet<Element>();

  constructor(
    private readonly selector: string,
    private readonly load: () => Promise<(element: never) => void>,
  ) {}

  look(root: ParentNode): void {
    const fresh = [...root.querySelectorAll(this.selector)].filter((element) => !this.known.has(element));
    if (!fresh.length) return;
    for (const element of fresh) this.known.add(element);
    void fetched(this.selector, async () => {
      const give = await this.load();
      for (const element of fresh) give(element as never);
    });
  }
}

/** A click or an arrow key is done once what it is meant for has come; a press too, if it is held until then. */
function hold(event: Event): void {
  const target = event.target;
  if (!(target instanceof Element)) return;
  const part = [...coming].find(({ selector }) => target.closest(selector));
  if (!part) return;
  let isOver = false;
  if (event.type === 'pointerdown') {
    for (const end of ['pointerup', 'pointercancel'])
      document.addEventListener(end, () => (isOver = true), { capture: true, once: true });
  } else {
    // Whoever moves about in what is being written waits for nothing.
    const isKey = event instanceof KeyboardEvent;
    if (isKey && (!event.key.startsWith('Arrow') || target.matches('input,textarea,select'))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  const again = () => !isOver && target.dispatchEvent(new (event.constructor as typeof Event)(event.type, event));
  void part.done.then(again, again);
}

for (const name of ['click', 'keydown', 'pointerdown']) document.addEventListener(name, hold, true);
