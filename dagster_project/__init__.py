"""When and in what order: assets, checks, resources, jobs, schedules. No parsing, no figures."""
