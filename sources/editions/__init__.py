"""New editions: seen, fetched beside the old, read, checked, compared, and pinned or left for review.

Belongs here: what a new edition is and whether it may become current. Does not belong here: when a
publisher is looked at and who is alerted (`dagster_project/`). docs/operate.md, part "A new edition".

In this order: `detect.detect_editions`, `candidates.take_in`, `pins.PinStore`, `pin_diff.accepted_diff`.
"""
