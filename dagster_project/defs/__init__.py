"""Definitions by subject; each module makes assets, checks, jobs or schedules and nothing else."""
