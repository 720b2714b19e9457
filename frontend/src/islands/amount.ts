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

/** The words that multiply an amount; the server reads the same ones. */
const SCALES: Record<string, number> = {
  هزار: 1e3, میلیون: 1e6, ملیون: 1e6, میلیارد: 1e9, تریلیون: 1e12,
  thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12, k: 1e3, m: 1e6, b: 1e9,
};

/** The number that someone wrote, in any digits, with or without words of scale and its unit («۳٫۵ میلیارد تومان»);
 * undefined where it is none. */
export function amountOf(text: string, unit = ''): number | undefined {
  const [, written = '', words = ''] = /^([-−\d.,٫٬،\s\u200e]+)(.*)$/.exec(latin(text).toLowerCase()) ?? [];
  const digits = written.replace(/[٬،,\s\u200e]/g, '').replace('٫', '.').replace('−', '-');
  let number = /^-?(\d+\.?\d*|\.\d+)$/.test(digits) ? Number(digits) : NaN;
  for (const word of words.replaceAll('ي', 'ی').split(/[\s\u200c]+/).filter(Boolean)) {
    if (word !== unit.toLowerCase()) number = Number((number * (SCALES[word] ?? NaN)).toFixed(2));
  }
  return Number.isFinite(number) ? number : undefined;
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
