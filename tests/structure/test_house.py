"""Guards of the house: what must be true of code that is still to be written."""

import importlib
import pkgutil

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings

from backend.reactions import REACTIONS
from core.events import Event

OURS = [config.name for config in apps.get_app_configs() if "." not in config.name]
OURS = [name for name in OURS if (settings.BASE_DIR / name).is_dir()]


def events():
    for app in OURS:
        names = {module.name for module in pkgutil.iter_modules([str(settings.BASE_DIR / app)])}
        if "events" in names:
            importlib.import_module(f"{app}.events")
    return [event for event in Event.__subclasses__() if event.__module__.split(".")[0] in OURS]


def tasks():
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if name.split(".")[0] in OURS}


def test_every_event_is_in_the_table_of_reactions():
    assert {event.name() for event in events()} == {event.name() for event in REACTIONS}


def test_every_reaction_takes_what_its_event_says():
    import inspect

    for event, reactions in REACTIONS.items():
        fields = set(event.__dataclass_fields__)
        for task in reactions.after:
            assert set(inspect.signature(task.run).parameters) == fields, task.name


def test_every_task_goes_to_a_queue_that_exists():
    router = current_app.amqp.Router()
    for name in tasks():
        found = router.route({}, name, kwargs={"queue": "generate"})["queue"].name
        assert found in settings.CELERY_TASK_QUEUES
    by_name = [route for route in settings.CELERY_TASK_ROUTES if isinstance(route, dict)]
    assert {name for route in by_name for name in route} <= set(tasks())


def test_a_bell_goes_to_its_queue():
    sent = current_app.amqp.Router().route({}, "media_gen.tasks.serve", kwargs={"queue": "media"})
    assert sent["queue"].name == "media"


def test_every_scheduled_task_exists():
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled <= set(tasks())


@pytest.mark.parametrize("name", OURS)
def test_every_app_says_what_it_is(name):
    models = f"{name}.models"
    if importlib.util.find_spec(models):
        assert importlib.import_module(models).__doc__
    services = f"{name}.services"
    if importlib.util.find_spec(services):
        assert importlib.import_module(services).__doc__


def test_every_limited_scope_has_a_rate():
    from rest_framework.views import APIView

    def all_views(cls):
        for sub in cls.__subclasses__():
            yield sub
            yield from all_views(sub)

    for view in all_views(APIView):
        assert getattr(view, "rate_limit", "write") in settings.RATE_LIMITS
