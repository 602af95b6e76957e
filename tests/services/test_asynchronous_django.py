"""Async services with Django's connections, which belong to a thread."""

import asyncio

import pytest
from django.db import transaction

from sequences import AllocateNumber
from sequences.models import Sequence
from services import Inputs, Internals, Outputs, Service, ServiceFailed, make, stage


class Number(Service):
    """Take a number in a transaction; look at it, from the loop, after the commit."""

    class inputs(Inputs):
        fail_at: str = ""

    class internals(Internals):
        value: int

    class outputs(Outputs):
        seen: int

    steps = (
        stage(make("allocate"), make("check"), within="transaction"),
        make("look"),
    )

    def transaction(self):
        return transaction.atomic()

    def allocate(self):
        self.internals.value = AllocateNumber.run(sequence="invoices").value

    def check(self):
        if self.inputs.fail_at == "check":
            self.fail("No.")

    async def look(self):
        counter = await Sequence.objects.aget(name="invoices")
        assert counter.last == self.internals.value
        self.outputs.seen = counter.last


@pytest.mark.django_db(transaction=True)
def test_a_transactional_stage_commits_and_rolls_back_in_its_thread():
    """One transaction holds all its steps, and Django's async calls see its commit."""

    async def run():
        first = await Number.arun()
        with pytest.raises(ServiceFailed):
            await Number.arun(fail_at="check")
        second = await Number.arun()
        return first.seen, second.seen

    assert asyncio.run(run()) == (1, 2)
