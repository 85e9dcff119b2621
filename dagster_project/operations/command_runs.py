"""Runs of a command belong to the code location, as those of the UI do; a signal to it is the command's to handle."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import dagster as dg
from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._utils import interrupts

# As [tool.dagster] of pyproject.toml says.
CODE_LOCATION = "chokepoint"


def tagged_with_job(instance: dg.DagsterInstance, job_name: str) -> dg.DagsterInstance:
    """The instance, whose next runs say that they are of this job: its history and the timeline then list them.

    `execute_in_process` says nothing of it, and the UI looks for runs by what they belong to.
    """
    repository = RemoteRepositoryOrigin(
        RegisteredCodeLocationOrigin(CODE_LOCATION), SINGLETON_REPOSITORY_NAME
    )
    create = partial(
        type(instance).create_run_for_job,
        instance,
        remote_job_origin=RemoteJobOrigin(repository, job_name),
    )
    instance.create_run_for_job = create  # pyright: ignore[reportAttributeAccessIssue]
    return instance


@contextmanager
def sigterm_left_alone() -> Iterator[None]:
    """Leave SIGTERM to the command (`cli.exits`) while Dagster runs a job.

    Dagster would make an interrupt of it, and of that a run that failed; where a shell has us ignore interrupts, it
    would ignore SIGTERM too.
    """
    made = interrupts.setup_interrupt_handlers
    interrupts.setup_interrupt_handlers = lambda: None
    try:
        yield
    finally:
        interrupts.setup_interrupt_handlers = made
