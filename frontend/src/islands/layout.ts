import Sortable from 'sortablejs';
import { at } from '../dom';

/** The sections of a page and their fields: carried by hand between sections, or by Alt and the arrows on a handle. */
export class Layout extends HTMLElement {
  connectedCallback(): void {
    for (const list of this.querySelectorAll<HTMLElement>('ul')) this.wake(list);
    this.addEventListener('click', (event) => this.press(event));
    this.addEventListener('keydown', (event) => this.move(event));
    this.closest('form')?.addEventListener('submit', () => this.write());
  }

  private sections = () => [...this.querySelectorAll<HTMLElement>('.lay')];

  private wake(list: HTMLElement): void {
    Sortable.create(list, { group: 'fields', handle: '.handle', animation: 150, ghostClass: 'slot', onEnd: () => this.changed() });
  }

  private press(event: Event): void {
    if (at(event, '[data-add]')) return this.add();
    const section = at(event, '.lay');
    if (!section) return;
    if (at(event, '[data-up]')) {
      section.previousElementSibling?.before(section);
      section.querySelector<HTMLElement>('[data-up]')?.focus();
      this.changed();
    } else if (at(event, '[data-drop]')) {
      const rest = this.querySelector('.rest ul');
      rest?.append(...section.querySelectorAll('li'));
      const near = section.nextElementSibling ?? section.previousElementSibling;
      section.remove();
      near?.querySelector<HTMLElement>('input,.handle')?.focus();
      this.changed();
    }
  }

  private add(): void {
    const made = this.querySelector('template')?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined;
    const list = made?.querySelector<HTMLElement>('ul');
    if (!made || !list) return;
    this.querySelector('.rest')?.before(made);
    this.wake(list);
    made.querySelector<HTMLElement>('input')?.focus();
    this.changed();
  }

  /** Alt-arrow: up and down within a section, past its ends into the next one. */
  private move(event: KeyboardEvent): void {
    const handle = at(event, '.handle');
    const item = handle?.closest('li');
    if (!handle || !item || !event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
    event.preventDefault();
    const isUp = event.key === 'ArrowUp';
    const beside = isUp ? item.previousElementSibling : item.nextElementSibling;
    if (beside && isUp) beside.before(item);
    else if (beside) beside.after(item);
    else {
      const all = this.sections();
      const here = all.indexOf(item.closest<HTMLElement>('.lay') as HTMLElement);
      const list = all[here + (isUp ? -1 : 1)]?.querySelector('ul');
      if (isUp) list?.append(item);
      else list?.prepend(item);
    }
    handle.focus();
    this.changed();
  }

  private changed(): void {
    this.write();
    this.dispatchEvent(new Event('input', { bubbles: true }));
  }

  private write(): void {
    // Fields that stand nowhere are not sent; a section without a name is, so that the server can say so.
    const said = this.sections()
      .filter((section) => !section.classList.contains('rest'))
      .map((section) => [
        section.querySelector<HTMLInputElement>('[data-name]')?.value.trim() ?? '',
        [...section.querySelectorAll<HTMLElement>('li')].map((item) => item.dataset.id),
      ]);
    const input = this.querySelector<HTMLInputElement>('input[name=sections]');
    if (input) input.value = JSON.stringify(said);
  }
}
