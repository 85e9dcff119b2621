"""The atlas: one page per release for people without SQL. It draws the marts' figures and computes none."""
