import { at, debounce, h, icon, typing } from '../dom';
import { get, withQuery } from '../http';
import htmx from '../htmx';
import { t } from '../strings';

interface Visit {
  href: string;
  title: string;
  icon: string;
}
const RECENT = 'peyvand.recent';
const recent = (): Visit[] => JSON.parse(sessionStorage.getItem(RECENT) ?? '[]') as Visit[];

/** Puts the open record first among those of this tab. */
export function visit(): void {
  const main = document.querySelector<HTMLElement>('main[data-ref]');
  if (!main?.dataset.title) return;
  const now: Visit = { href: location.pathname, title: main.dataset.title, icon: main.dataset.icon ?? 'clock' };
  const rest = recent().filter((item) => item.href !== now.href);
  sessionStorage.setItem(RECENT, JSON.stringify([now, ...rest].slice(0, 6)));
}

/** Search and commands on Ctrl/⌘-K: the server answers options, keys choose among them. */
export class Palette extends HTMLElement {
  private dialog?: HTMLDialogElement;
  private input!: HTMLInputElement;
  private results!: HTMLElement;
  private note!: HTMLElement;
  private count!: HTMLElement;
  private request?: AbortController;
  private stop = new AbortController();

  connectedCallback(): void {
    const signal = this.stop.signal;
    visit();
    document.addEventListener('htmx:pushedIntoHistory', visit, { signal });
    document.addEventListener('click', (event) => at(event, '[data-palette-open]') && this.open(), { signal });
    document.addEventListener(
      'keydown',
      (event) => {
        const chord = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k';
        const byPlace = (event.ctrlKey || event.metaKey) && event.code === 'KeyK'; // a Persian keyboard says «ن» here
        const slash = event.key === '/' && !event.ctrlKey && !event.metaKey && !typing(event);
        if (!chord && !byPlace && !slash) return;
        event.preventDefault();
        this.open();
      },
      { signal },
    );
  }

  disconnectedCallback(): void {
    this.stop.abort();
    this.stop = new AbortController();
  }

  open(): void {
    this.dialog ??= this.build();
    if (this.dialog.open) return;
    this.dialog.showModal();
    this.input.select();
    void this.search();
  }

  private build(): HTMLDialogElement {
    this.input = h('input', {
      type: 'text',
      role: 'combobox',
      autocomplete: 'off',
      spellcheck: 'false',
      'aria-expanded': 'true',
      'aria-controls': 'palette-results',
      'aria-label': t('search'),
      placeholder: t('search_placeholder'),
    });
    this.results = h('div', { class: 'res', id: 'palette-results', role: 'listbox', 'aria-label': t('results') });
    this.note = h('span', { class: 'bdg', hidden: true });
    this.count = h('span', { class: 'push num', role: 'status' });
    const hint = (words: string, ...keys: string[]) => h('span', {}, ...keys.map((key) => h('kbd', {}, key)), words);
    const dialog = h(
      'dialog',
      { class: 'palette', 'aria-label': t('search') },
      h('div', { class: 'q' }, icon('search', 'i-lg faint'), this.input, this.note, h('kbd', {}, 'Esc')),
      this.results,
      h(
        'div',
        { class: 'pf' },
        hint(t('move'), '↑', '↓'),
        hint(t('open'), 'Enter'),
        hint(t('new_tab'), 'Ctrl Enter'),
        this.count,
      ),
    );
    const later = debounce(60, () => void this.search());
    this.input.addEventListener('input', later);
    dialog.addEventListener('keydown', (event) => this.press(event));
    this.results.addEventListener('pointermove', (event) => {
      const option = at(event, '.opt');
      if (option && option.ariaSelected !== 'true') this.choose(option, false);
    });
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog || at(event, '.opt')) dialog.close();
    });
    this.append(dialog);
    return dialog;
  }

  private async search(): Promise<void> {
    this.request?.abort();
    const request = (this.request = new AbortController());
    const q = this.input.value.trim();
    const on = document.querySelector<HTMLElement>('main[data-ref]')?.dataset.ref ?? '';
    this.dialog!.toggleAttribute('data-busy', true);
    try {
      const url = withQuery(this.dataset.url ?? '', { q, ...(on && { on }) });
      const answer = await get(url, request.signal);
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(q, await answer.text());
    } catch (error) {
      if (request.signal.aborted) return;
      this.results.replaceChildren(h('p', { class: 'empty' }, error instanceof TypeError ? t('offline') : t('failed')));
    }
    this.dialog!.toggleAttribute('data-busy', false);
  }

  private show(q: string, html: string): void {
    this.results.innerHTML = html;
    if (!q) this.results.prepend(...this.visits());
    const told = this.results.querySelector<HTMLElement>('[data-note],[data-count]')?.dataset ?? {};
    this.note.textContent = told.note ?? '';
    this.note.hidden = !told.note;
    this.count.textContent = told.count ?? '';
    const options = this.options();
    options.forEach((option, n) => {
      option.id ||= `palette-option-${n}`;
      option.tabIndex = -1;
    });
    if (!options.length) this.results.append(h('p', { class: 'empty' }, t('nothing_found')));
    htmx.process(this.results);
    this.choose(options[0]);
  }

  private visits(): Element[] {
    const items = recent().filter((item) => item.href !== location.pathname);
    if (!items.length) return [];
    const rows = items.map((item) =>
      h('a', { class: 'opt', role: 'option', href: item.href }, icon(item.icon), h('span', { class: 'trunc' }, item.title)),
    );
    const head = h('div', { class: 'gh', id: 'palette-recent' }, t('recent'));
    return [h('div', { role: 'group', 'aria-labelledby': 'palette-recent' }, head, ...rows)];
  }

  private options = () => [...this.results.querySelectorAll<HTMLElement>('.opt')];

  private choose(option: HTMLElement | undefined, scroll = true): void {
    for (const other of this.options()) other.ariaSelected = String(other === option);
    if (option) this.input.setAttribute('aria-activedescendant', option.id);
    else this.input.removeAttribute('aria-activedescendant');
    if (scroll) option?.scrollIntoView({ block: 'nearest' });
  }

  private press(event: KeyboardEvent): void {
    const options = this.options();
    const now = options.findIndex((option) => option.ariaSelected === 'true');
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      this.choose(options.at((now + (event.key === 'ArrowDown' ? 1 : -1)) % options.length));
    } else if (event.key === 'Enter' && options[now]) {
      event.preventDefault();
      const option = options[now];
      const href = option.getAttribute('href');
      if (href && (event.ctrlKey || event.metaKey)) open(href, '_blank', 'noopener');
      else option.click();
    }
  }
}
