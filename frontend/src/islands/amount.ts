import { latin, local } from '../digits';
import { at } from '../dom';
import { lang } from '../strings';

/** An amount as it is typed, grouped by thousands in the reader's digits; null where it is no plain number. */
export function grouped(text: string, language: string): string | null {
  const number = /^([-−]?)(\d+)([.٫]\d*)?$/.exec(latin(text).replace(/[٬،,\s]/g, ''));
  if (!number) return null;
  const [, sign = '', whole = '', rest = ''] = number;
  return sign + local(whole.replace(/\B(?=(\d{3})+$)/g, language === 'fa' ? '٬' : ',') + rest, language);
}

const digits = (text: string) => latin(text).replace(/[^\d.٫]/g, '').length;

// Before anybody else reads what was typed.
document.addEventListener(
  'input',
  (event) => {
    const input = at<HTMLInputElement>(event, 'input[data-amount]');
    const text = input && grouped(input.value, lang());
    if (!input || text === null || text === input.value) return;
    const behind = digits(input.value.slice(input.selectionEnd ?? input.value.length));
    let place = text.length;
    while (place > 0 && digits(text.slice(place)) < behind) place--;
    input.value = text;
    input.setSelectionRange(place, place);
  },
  true,
);
