"""New editions: seen, fetched beside the old, read, checked, compared, and pinned or left for review.

Belongs here: what a new edition is and whether it may become current. Does not belong here: when a
publisher is looked at and who is alerted (`dagster_project/`). docs/operate.md, part "A new edition".

Entry points:

* `detect.detect_editions(source, …)`: what is new at a publisher, or in the drop folder; a few small requests.
* `candidates.take_in(source, detection, …)`: fetch, read, check, compare; a `Pin`.
* `pins.PinStore`: `data/state/pins.yml`, and the sources as a build reads them.
* `pin_diff.accepted_diff(…)`: pins as a diff of `source.yml`.
"""
