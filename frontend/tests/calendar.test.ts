import { describe, expect, it } from 'vitest';
import { exact, fromIso, gregorian, iso, jalali, read, today, weekday } from '../src/calendar';

const persian = new Intl.DateTimeFormat('en-u-ca-persian-nu-latn', { timeZone: 'UTC', year: 'numeric', month: 'numeric', day: 'numeric' });
const byIntl = (number: number) => {
  const part = (type: string) => Number(persian.formatToParts(number * 86_400_000).find((item) => item.type === type)?.value);
  return { year: part('year'), month: part('month'), day: part('day') };
};

describe('the Jalali calendar', () => {
  it('agrees with the platform on every day of 1320 to 1440', () => {
    for (let number = fromIso('1941-04-01')!; number < fromIso('2061-01-01')!; number++)
      expect(jalali.to(number)).toEqual(byIntl(number));
  });
  it('turns days into numbers and back', () => {
    for (let number = -60_000; number < 60_000; number += 7) expect(jalali.from(jalali.to(number))).toBe(number);
  });
  it('knows the leap Esfand', () => {
    expect(jalali.monthLength(1403, 12)).toBe(30);
    expect(jalali.monthLength(1404, 12)).toBe(29);
    expect(exact(jalali, 1404, 12, 30)).toBeNull();
  });
});

describe('typed dates', () => {
  const day = fromIso('2026-11-21');
  it.each(['1405/8/30', '1405-08-30', '30/8/1405', '5/8/30', '1405 8 30'])('reads %s as Jalali', (text) => {
    expect(read(text, jalali)).toBe(day);
  });
  it.each(['2026-11-21', '2026/11/21', '21.11.2026'])('reads %s as Gregorian in both languages', (text) => {
    expect(read(text, gregorian)).toBe(day);
    expect(read(text, jalali)).toBe(day);
  });
  it.each(['', 'soon', '1405/13/1', '1405/7/31', '2026-02-30', '12'])('refuses %s', (text) => {
    expect(read(text, jalali)).toBeNull();
  });
});

it('knows weekdays and ISO', () => {
  expect(weekday(fromIso('2026-11-21')!)).toBe(6);
  expect(weekday(-1)).toBe(3);
  expect(iso(fromIso('2024-02-29')!)).toBe('2024-02-29');
  expect(fromIso('2023-02-29')).toBeNull();
  expect(iso(today())).toMatch(/^\d{4}-\d\d-\d\d$/);
});
