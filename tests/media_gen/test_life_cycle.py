"""Any order of what owners, workers and sweepers do leaves the books right and ends final."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import override_settings
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from core.clock import now
from credits.models import Account, Entry
from credits.services import InsufficientCredits
from media_gen import engine, reconciliation, turns
from media_gen.backends.errors import Broken, Busy, CancelRequested, LeaseLost, Refused, Uncertain
from media_gen.models import BackendCondition, GenerationJob
from media_gen.planning import Wish, plan
from media_gen.quotes import sign
from media_gen.services import (
    BackendUnavailable,
    TooManyJobs,
    cancel,
    finish,
    request_generation,
)
from media_gen.sweep import sweep
from users.keys import SpendCapReached
from users.keys import create as create_key
from users.scopes import Scope
from users.services import create_account

State = GenerationJob.State
FAILING = {"failing": {"BACKEND": "media_gen.backends.failing.FailingBackend", "CONCURRENCY": 5}}
COUNTS = st.integers(1, 4)
#: Small purses and few open jobs, so that both are emptied and filled.
WORLD = {
    "GENERATION_BACKENDS": FAILING,
    "DEFAULT_GENERATION_BACKEND": "failing",
    "SIGNUP_CREDITS": 12,
    "DAILY_CREDITS": 3,
    "JOBS_OPEN_PER_PERSON": 6,
    "JOB_RETRY_SECONDS": 0,
    "CIRCUIT_AFTER": 4,
}


class Lives(RuleBasedStateMachine):
    """Two people, a key with a cap, some workers, of whom each may have lost its lease."""

    leases = Bundle("leases")

    def __init__(self):
        super().__init__()
        self.world = override_settings(**WORLD)
        self.world.enable()
        self.rolled_back = transaction.atomic()
        self.rolled_back.__enter__()
        self.people = [
            create_account(username=name, email=f"{name}@example.org", password="a long secret")
            for name in ("ada_one", "bea_two")
        ]
        self.key, _ = create_key(
            owner=self.people[0], name="program", scopes=[Scope.GENERATE], spend_cap=9
        )
        self.seen = {}

    def teardown(self):
        assert list(reconciliation.faults()) == []
        transaction.set_rollback(True)
        self.rolled_back.__exit__(None, None, None)
        self.world.disable()

    @initialize(target=leases)
    def begin(self):
        """Two jobs of each, of which two are at work."""
        for person in (0, 1, 0, 1):
            self.ask(person=person, count=2, quoted=False, by_key=person == 0)
        return multiple(*filter(None, (turns.claim_next("generate") for _ in range(2))))

    @rule(person=st.integers(0, 1), count=COUNTS, quoted=st.booleans(), by_key=st.booleans())
    def ask(self, person, count, quoted, by_key):
        owner = self.people[person]
        wish = Wish(prompt="x", width=64, height=64, count=count)
        key = self.key if by_key and person == 0 else None
        quote = ""
        if quoted:
            planned = plan(wish, owner=owner)
            quote = sign(
                owner_id=owner.pk, backend="failing", request=planned.request, cost=planned.cost
            )
        with suppress(InsufficientCredits, SpendCapReached, TooManyJobs, BackendUnavailable):
            request_generation(owner=owner, wish=wish, quote=quote, api_key=key)

    @rule(number=st.integers(0, 30))
    def think_better_of_it(self, number):
        jobs = list(GenerationJob.objects.order_by("id"))
        if number < len(jobs):
            cancel(job=jobs[number])

    @rule(target=leases)
    def claim(self):
        """All that may begin now."""
        return multiple(*iter(lambda: turns.claim_next("generate"), None))

    @rule(lease=leases, fractions=st.lists(st.floats(0, 0.99), min_size=2, max_size=3))
    def report(self, lease, fractions):
        told = [0.0]
        with suppress(LeaseLost, CancelRequested):
            told += [lease.extend(progress=fraction).progress for fraction in fractions]
        assert told == sorted(told)

    @rule(lease=leases, delivered=COUNTS)
    def store(self, lease, delivered):
        """As the engine does: storing first, then everything in one transaction."""
        try:
            job = engine._begin_storing(lease)
            with transaction.atomic():
                job = lease.lock()
                made = min(delivered, job.count)
                charged = job.cost_quoted * made // job.count
                finish(job=job, state=State.SUCCEEDED, charged=charged)
        except CancelRequested:
            engine._end(lease, State.CANCELLED)
        except LeaseLost:
            pass

    @rule(
        lease=leases,
        error=st.sampled_from([Busy("x"), Broken("x"), Uncertain("x"), Refused("x"), OSError("x")]),
    )
    def fail(self, lease, error):
        if isinstance(error, Refused):
            engine._end(lease, State.REFUSED, code=error.code, detail=error.detail)
        else:
            engine._retry(lease, error)

    @rule(lease=leases)
    def die(self, lease):
        """Its lease runs out, and the sweep comes by."""
        past = now() - timedelta(seconds=1)
        GenerationJob.objects.filter(pk=lease.job_id, lease_token=lease.token).update(
            lease_until=past
        )
        sweep()

    @rule()
    def wait_until_the_circuit_closes(self):
        BackendCondition.objects.update(open_until=None)

    @invariant()
    def the_books_are_right(self):
        assert sum(Entry.objects.values_list("amount", flat=True)) == 0
        assert not Account.objects.filter(balance__lt=0).exists()
        held = sum(Entry.objects.filter(account__book="holds").values_list("amount", flat=True))
        unfinished = GenerationJob.objects.exclude(state__in=GenerationJob.TERMINAL)
        assert held == sum(unfinished.values_list("cost_quoted", flat=True))

    @invariant()
    def an_end_is_final_and_nothing_goes_backwards(self):
        for job in GenerationJob.objects.all():
            before = self.seen.get(job.pk)
            if before is not None:
                assert job.version >= before.version
                assert job.progress >= before.progress
                assert job.attempt >= before.attempt
                if before.finished:
                    assert job.version == before.version
            assert job.attempt <= django_settings.JOB_MAX_ATTEMPTS
            assert not (job.finished and job.lease_token)
            self.seen[job.pk] = job

    @invariant()
    def nobody_has_more_than_their_share(self):
        for person in self.people:
            at_work = GenerationJob.objects.filter(owner=person, state__in=GenerationJob.LEASED)
            assert at_work.count() <= django_settings.JOBS_RUNNING_PER_PERSON


@pytest.mark.django_db
def test_whatever_happens_the_books_are_right():
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=12, stateful_step_count=40, deadline=None, phases=[Phase.generate]
        ),
    )
