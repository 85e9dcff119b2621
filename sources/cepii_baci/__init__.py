"""CEPII BACI: reconciled bilateral trade by HS6, filtered to our lines on the way in."""
