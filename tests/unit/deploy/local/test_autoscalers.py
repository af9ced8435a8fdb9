"""The loop around the algorithm: it looks, scales, tells, and ends."""

import asyncio

import pytest

from refapp.deploy.autoscaling import Autoscaler, PodUse
from refapp.deploy.errors import DeployError
from refapp.deploy.local.autoscalers import Autoscalers

TEN_TIMES_A_SECOND = 1 / 150


class Workload:
    """Pods that share a load, scaled as asked."""

    def __init__(self, load):
        self.load = load
        self.pods = 1
        self.asked = []
        self.broken = False

    def uses(self, _):
        used = {"cpu": self.load / self.pods}
        return [PodUse(ready=True, used=used, requested={"cpu": 100.0})] * self.pods

    async def scale(self, _, replicas):
        self.asked.append(replicas)
        if self.broken:
            raise DeployError("no room")
        self.pods = replicas


@pytest.fixture
async def scaled():
    """A workload under load, and its autoscalers."""
    workload = Workload(load=320)
    autoscalers = Autoscalers(workload.uses, lambda _: workload.pods, workload.scale, scale=TEN_TIMES_A_SECOND)
    yield workload, autoscalers
    await autoscalers.stop()


async def test_a_workload_follows_its_load(scaled, until):
    workload, autoscalers = scaled
    autoscalers.set("service-d", Autoscaler(minimum=1, maximum=6))
    await until(lambda: workload.pods == 4)
    (told,) = autoscalers.describe()
    assert (told.workload, told.current, told.desired, told.targets) == ("service-d", 4, 4, {"cpu": 80})
    workload.load = 80
    await until(lambda: workload.pods == 1)
    assert workload.asked == [4, 1]


async def test_none_ends_it(scaled, until):
    workload, autoscalers = scaled
    autoscalers.set("service-d", Autoscaler(minimum=1, maximum=6))
    await until(lambda: workload.pods == 4)
    autoscalers.set("service-d", None)
    assert autoscalers.describe() == ()
    workload.load = 4000
    autoscalers.set("service-e", Autoscaler(minimum=1, maximum=6))
    await until(lambda: workload.pods == 6)
    assert {one.workload for one in autoscalers.describe()} == {"service-e"}


async def test_a_workload_that_cannot_be_scaled_is_tried_again(scaled, until):
    workload, autoscalers = scaled
    workload.broken = True
    autoscalers.set("service-d", Autoscaler(minimum=1, maximum=6))
    await until(lambda: len(workload.asked) >= 3)
    workload.broken = False
    await until(lambda: workload.pods == 4)


async def test_what_is_known_before_the_first_look(scaled):
    _, autoscalers = scaled
    autoscalers.set("service-d", Autoscaler(minimum=1, maximum=6))
    (told,) = autoscalers.describe()
    assert (told.current, told.desired, told.utilisation, told.reason) == (1, 1, {}, "")


async def test_it_goes_on_looking_while_pods_start(scaled, until):
    workload, autoscalers = scaled
    started = asyncio.Event()
    scale = workload.scale

    async def slowly(name, replicas):
        await started.wait()
        await scale(name, replicas)

    autoscalers._rescale = slowly
    autoscalers.set("service-d", Autoscaler(minimum=1, maximum=6))
    await until(lambda: autoscalers.describe()[0].desired == 4)
    workload.load = 400
    await until(lambda: autoscalers.describe()[0].desired == 5)
    assert (workload.pods, workload.asked) == (1, [])
    started.set()
    await until(lambda: workload.pods == 5)
    assert workload.asked == [4, 5]
