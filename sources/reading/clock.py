"""The clock: the one place that asks what day it is, so that a test can move it."""

import datetime as dt


def now() -> dt.datetime:
    """This moment, in UTC."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """Today, in UTC."""
    return now().date()
