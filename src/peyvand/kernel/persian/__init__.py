"""What Persian and Iran ask of software: letters, digits, the Jalali calendar, identifiers."""
