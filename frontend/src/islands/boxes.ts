import { fold } from '../digits';
import { h } from '../dom';
import { lang } from '../strings';

/** Boxes folded into one line, which says what is ticked. */
export function folded(details: HTMLDetailsElement): void {
  const words = details.querySelector('summary span');
  details.addEventListener('change', () => {
    const ticked = [...details.querySelectorAll<HTMLInputElement>('input:checked')];
    const said = ticked.map((box) => box.parentElement?.textContent?.trim() ?? '');
    if (words) words.textContent = said.join(lang() === 'fa' ? '، ' : ', ') || (details.dataset.folded ?? '');
  });
}

/** Many boxes under headings: a search over them, and for each heading a box that ticks all beneath it. */
export function many(list: HTMLElement): void {
  const groups = [...list.querySelectorAll<HTMLElement>('.boxes-g')].map((group) => ({
    group,
    head: group.querySelector<HTMLElement>('.boxes-h'),
    lines: [...group.querySelectorAll<HTMLElement>('.check')],
    boxes: [...group.querySelectorAll<HTMLInputElement>('.check input')],
  }));
  for (const { head, lines, boxes } of groups) {
    const words = head?.textContent ?? '';
    if (!head || !words) continue;
    const all = h('input', { type: 'checkbox', class: 'cb' });
    const renew = () => {
      all.checked = boxes.every((box) => box.checked);
      all.indeterminate = !all.checked && boxes.some((box) => box.checked);
    };
    all.addEventListener('change', () => {
      const wanted = all.checked;
      boxes.forEach((box, n) => {
        if (!lines[n]?.hidden) box.checked = wanted;
      });
      renew();
      list.dispatchEvent(new Event('change', { bubbles: true }));
    });
    list.addEventListener('change', renew);
    head.replaceChildren(h('label', { class: 'check' }, all, words));
    renew();
  }
  const find = h('input', {
    type: 'search',
    class: 'inp s',
    autocomplete: 'off',
    placeholder: list.dataset.find ?? '',
    'aria-label': list.dataset.find ?? '',
    oninput: (event: Event) => {
      // It is no part of the form's values.
      event.stopPropagation();
      const wanted = fold(find.value);
      for (const { group, head, lines } of groups) {
        const isNamed = fold(head?.textContent ?? '').includes(wanted);
        for (const line of lines) line.hidden = !isNamed && !fold(line.textContent ?? '').includes(wanted);
        group.hidden = lines.every((line) => line.hidden);
      }
    },
    onkeydown: (event: KeyboardEvent) => {
      if (event.key === 'Enter') event.preventDefault();
    },
  });
  list.before(find);
}
