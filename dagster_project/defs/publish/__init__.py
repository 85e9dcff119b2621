"""The release."""
