/** Persian and Arabic digits become 0–9; everything else stays. */
export const latin = (text: string): string =>
  text.replace(/[۰-۹٠-٩]/g, (digit) => String(digit.charCodeAt(0) & 15));

/** Words as they are compared: one form of each letter and digit, no capitals, no spaces of any kind. */
export const fold = (text: string): string =>
  latin(text).toLowerCase().replaceAll('ي', 'ی').replaceAll('ك', 'ک').replace(/[\u200c\s]+/g, '');

/** 0–9 become Persian digits where the language asks for them. */
export const local = (text: string, lang: string): string =>
  lang === 'fa' ? text.replace(/\d/g, (digit) => String.fromCharCode(0x6f0 + Number(digit))) : text;
