"""Visits that wait for a time: whoever comes first in the order is offered what becomes free."""
