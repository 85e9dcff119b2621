"""Checks of marts that are shown with a picture."""
