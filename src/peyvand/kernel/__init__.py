"""Pure Python that every other layer may import: text, calendar, money, clock, errors, conditions."""
