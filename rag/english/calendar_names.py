"""The names of months and days, as they are written."""

import calendar

MONTH_NAMES = tuple(filter(None, calendar.month_name))
DAY_NAMES = tuple(calendar.day_name)
MONTH_NAME = rf"(?:{'|'.join(MONTH_NAMES)})"
"""A pattern for any month."""
