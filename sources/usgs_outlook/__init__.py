"""USGS World Minerals Outlook: README.md says what it is."""
