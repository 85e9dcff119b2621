"""Benchmarks: what a refresh costs, as ratios to baselines of the same run. `make bench` runs them."""
