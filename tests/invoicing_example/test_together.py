"""Several processes on one series, ordered by what they say and the database sees."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from invoicing.audit import audit_numbers
from invoicing.models import Invoice
from tests.invoicing_example.conftest import MakeDraft
from tests.invoicing_example.processes import PATIENCE_S, Worker, start_managing

pytestmark = pytest.mark.django_db(transaction=True)

StartWorker = Callable[..., Worker]


@pytest.fixture
def start() -> Iterator[StartWorker]:
    """Give a function that starts workers, none of which outlives the test."""
    workers: list[Worker] = []

    def start_one(draft: Invoice, *, pause: bool = False) -> Worker:
        workers.append(Worker(draft.pk, pause=pause))
        return workers[-1]

    yield start_one
    for worker in workers:
        worker.kill()


def test_two_invoices_at_once_get_consecutive_numbers(
    draft: Invoice, next_draft: Invoice, start: StartWorker
):
    """Who comes second waits for the first to commit, and counts on from there."""
    first = start(draft, pause=True)
    assert first.hear() == "holds 1"
    second = start(next_draft)
    second.wait_until_it_waits()

    first.go_on()

    assert first.hear() == "issued 1"
    assert second.hear() == "issued 2"


def test_a_process_that_dies_gives_its_number_back(
    draft: Invoice, next_draft: Invoice, start: StartWorker
):
    """Killed with the number in hand, it leaves a draft, and the number to others."""
    first = start(draft, pause=True)
    assert first.hear() == "holds 1"
    second = start(next_draft)
    second.wait_until_it_waits()

    first.kill()

    assert second.hear() == "issued 1"
    assert Invoice.objects.get(pk=draft.pk).is_draft


def test_the_same_draft_by_two_sessions(draft: Invoice, start: StartWorker):
    """One issues it; the other waits, then fails, and takes no number."""
    first = start(draft, pause=True)
    assert first.hear() == "holds 1"
    second = start(draft)
    second.wait_until_it_waits()

    first.go_on()

    assert first.hear() == "issued 1"
    assert second.hear() == "failed: not_a_draft"
    assert audit_numbers().highest == 1


def test_four_processes_share_the_work(make_draft: MakeDraft):
    """Any number of them may issue at once: each draft once, and 1 to n."""
    count = 60
    for _ in range(count):
        make_draft()

    processes = [start_managing("issue_invoices") for _ in range(4)]
    ended = [process.communicate(timeout=PATIENCE_S) for process in processes]

    assert [process.returncode for process in processes] == [0] * 4, ended
    audit = audit_numbers()
    assert (audit.lowest, audit.highest, audit.numbered) == (1, count, count)
    assert audit.is_clean


def test_the_numbers_follow_the_order_of_the_drafts(make_draft: MakeDraft):
    """One process alone numbers drafts by their date, then as they were written."""
    drafts = [make_draft() for _ in range(5)]
    issue = partial(start_managing, "issue_invoices")

    issue("--limit", "3").communicate(timeout=PATIENCE_S)
    issue().communicate(timeout=PATIENCE_S)

    numbers = [Invoice.objects.get(pk=draft.pk).number for draft in drafts]
    assert numbers == [1, 2, 3, 4, 5]
