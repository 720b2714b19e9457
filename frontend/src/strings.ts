import english from './strings.json';

export type Key = keyof typeof english;
/** Every key that `#i18n` may fill. */
export const keys = Object.keys(english) as Key[];

let page: Partial<Record<Key, string>> | undefined;

function load(): Partial<Record<Key, string>> {
  const element = document.getElementById('i18n');
  return element?.textContent ? (JSON.parse(element.textContent) as Partial<Record<Key, string>>) : {};
}

/** The reader's words for a key; `{name}` is replaced by the value of that name. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  page ??= load();
  return (page[key] || english[key]).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === 'number' ? number(value) : value;
  });
}

/** The language of the page: its first two letters. */
export const lang = (): string => document.documentElement.lang.slice(0, 2) || 'en';

/** A whole number as the reader writes it. */
export const number = (value: number, grouped = true): string =>
  new Intl.NumberFormat(lang() === 'fa' ? 'fa-IR' : lang(), { useGrouping: grouped }).format(value);
