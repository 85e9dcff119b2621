"""New editions: seen, fetched beside the old, read, checked, compared, and pinned or left waiting.

Belongs here: what a new edition is and whether it may become current. Does not belong here: when a
publisher is looked at and who is told (`dagster_project/`). docs/operate.md, part "A new edition".

The doors:

* `looking.look(source, …)`: what is new at a publisher, or in the drop folder; a few small requests.
* `taking.take_in(source, sighting, …)`: fetch, read, check, compare; a `Pin`.
* `pins.PinStore`: `data/state/pins.yml`, and the sources as a build reads them.
* `accepting.accepted_diff(…)`: pins as a diff of `source.yml`.
"""
