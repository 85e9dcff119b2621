"""Every part of the campaign, in the order of the table."""

from tests.campaign.faults import faults
from tests.campaign.frame import Part
from tests.campaign.fuzz import mutated_files
from tests.campaign.harm import kills, power_cuts
from tests.campaign.interrupts import interrupts
from tests.campaign.years import years_of_runs

PARTS = [
    Part(
        "SIGKILL at a random instant",
        "`current` and each file is the old one or the new one, whole; the work goes on unaided and clears away what "
        "was left",
        1000,
        kills,
    ),
    Part(
        "power cut",
        "the same behind every recorded write, rename and sync of parsing, publishing, pinning, alerts, audit and "
        "lake, whether names that were not synced are kept or lost",
        1200,
        power_cuts,
    ),
    Part(
        "damage on disk",
        "seen, one error of ours, recovered unaided where nothing is lost",
        96,
        faults,
    ),
    Part(
        "Ctrl-C at a random instant of a refresh",
        "one line, exit code 130, and the next schedule runs",
        50,
        interrupts,
    ),
    Part(
        "publishers' files, mutated",
        "refused, read alike, or what changed is listed; no error that is not ours, none kills the process",
        10_000,
        mutated_files,
        is_run_in_suite=False,
    ),
    Part(
        "runs, one a day for a year and more",
        "history, logs and audits stay of one size",
        400,
        years_of_runs,
        is_run_in_suite=False,
    ),
]
