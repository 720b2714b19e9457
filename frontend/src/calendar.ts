/** A day of some calendar; months count from 1. */
export interface Day {
  year: number;
  month: number;
  day: number;
}
/** A calendar by day numbers, counted from 1970-01-01. */
export interface Calendar {
  from(day: Day): number;
  to(number: number): Day;
  monthLength(year: number, month: number): number;
  /** 0 Sunday … 6 Saturday */
  weekStart: number;
  /** days of rest, as above */
  rest: readonly number[];
}

const DAY = 86_400_000;
const JALALI_EPOCH = -492_269; // day number of the day before 1 Farvardin of year 1

/** Days before a Jalali year, by the 33-year cycle; right for the years 1178 to 1633. */
const before = (year: number): number => 365 * (year - 1) + Math.floor((8 * year + 21) / 33) + JALALI_EPOCH;
const leap = (year: number): boolean => (8 * year + 21) % 33 >= 25;
const monthStart = (month: number): number => (month <= 7 ? 31 * (month - 1) : 30 * (month - 1) + 6);

export const jalali: Calendar = {
  weekStart: 6,
  rest: [5],
  from: ({ year, month, day }) => before(year) + monthStart(month) + day,
  to(number) {
    let year = Math.floor((number - JALALI_EPOCH) / 365.2425) + 1;
    while (before(year + 1) < number) year++;
    while (before(year) >= number) year--;
    const rest = number - before(year) - 1;
    const month = rest < 186 ? Math.floor(rest / 31) + 1 : Math.floor((rest - 186) / 30) + 7;
    return { year, month, day: rest - monthStart(month) + 1 };
  },
  monthLength: (year, month) => (month <= 6 ? 31 : month < 12 || leap(year) ? 30 : 29),
};

export const gregorian: Calendar = {
  weekStart: 1,
  rest: [0, 6],
  from: ({ year, month, day }) => Math.round(Date.UTC(year, month - 1, day) / DAY),
  to(number) {
    const date = new Date(number * DAY);
    return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  },
  monthLength: (year, month) => new Date(Date.UTC(year, month, 0)).getUTCDate(),
};

export const calendarOf = (lang: string): Calendar => (lang === 'fa' ? jalali : gregorian);
export const weekday = (number: number): number => (((number + 4) % 7) + 7) % 7;
export const iso = (number: number): string => new Date(number * DAY).toISOString().slice(0, 10);
/** The day number of an ISO date, or null where there is no such day. */
export function fromIso(text: string): number | null {
  const parts = text.match(/^(\d{4})-(\d\d)-(\d\d)/);
  return parts ? exact(gregorian, Number(parts[1]), Number(parts[2]), Number(parts[3])) : null;
}
/** Today, by the clock of the reader's machine. */
export function today(): number {
  const now = new Date();
  return gregorian.from({ year: now.getFullYear(), month: now.getMonth() + 1, day: now.getDate() });
}

/** The day number of a date, or null where the month has no such day. */
export function exact(calendar: Calendar, year: number, month: number, day: number): number | null {
  const real = month >= 1 && month <= 12 && day >= 1 && day <= calendar.monthLength(year, month);
  return real ? calendar.from({ year, month, day }) : null;
}

/** Reads what a person typed: year first or last, any divider; years 1200–1600 are Jalali in every language. */
export function read(text: string, calendar: Calendar): number | null {
  const parts = text.trim().match(/^(\d{1,4})\s*[/\-.\s]\s*(\d{1,2})\s*[/\-.\s]\s*(\d{1,4})$/)?.slice(1).map(Number);
  if (!parts) return null;
  let [year, month, day] = parts as [number, number, number];
  if (day > 31) [year, day] = [day, year];
  if (year < 100) year += calendar === jalali ? 1400 : 2000;
  return exact(year > 1200 && year < 1600 ? jalali : year > 1600 ? gregorian : calendar, year, month, day);
}
