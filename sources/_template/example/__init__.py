"""The template's example: a made-up file and its test."""
