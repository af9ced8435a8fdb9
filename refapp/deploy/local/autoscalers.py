"""The autoscalers of a local platform: each looks at the pods of its workload again and again, and scales them."""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from refapp.deploy.autoscaling import SYNC_PERIOD, Autoscaler, Controller, Decision, PodUse
from refapp.deploy.errors import DeployError
from refapp.deploy.pods import Autoscaling

Uses = Callable[[str], Iterable[PodUse]]
"""What the pods of a workload use at the moment."""

Count = Callable[[str], int]
"""How many pods a workload has at the moment."""

Scale = Callable[[str, int], Coroutine[Any, Any, None]]
"""Gives a workload so many pods."""

_log = logging.getLogger(__name__)


class Autoscalers:
    """Keeps workloads at the number of pods that their use asks for; `scale` stretches Kubernetes' times."""

    def __init__(self, uses: Uses, count: Count, rescale: Scale, *, scale: float) -> None:
        self._uses = uses
        self._count = count
        self._rescale = rescale
        self._scale = scale
        self._controllers: dict[str, Controller] = {}
        self._decisions: dict[str, Decision] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._rescaling: dict[str, asyncio.Task[None]] = {}

    def set(self, workload: str, autoscaler: Autoscaler | None) -> None:
        """Begin to scale a workload by itself, anew if that is done already; None ends it."""
        if task := self._tasks.pop(workload, None):
            task.cancel()
        self._controllers.pop(workload, None)
        self._decisions.pop(workload, None)
        if autoscaler:
            self._controllers[workload] = Controller(autoscaler, scale=self._scale)
            self._tasks[workload] = asyncio.create_task(self._keep(workload))

    def describe(self) -> tuple[Autoscaling, ...]:
        """The autoscalers as a status shows them."""
        return tuple(self._describe(workload, controller) for workload, controller in self._controllers.items())

    async def stop(self) -> None:
        """End all of them."""
        tasks = [*self._tasks.values(), *self._rescaling.values()]
        for workload in list(self._controllers):
            self.set(workload, None)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, workload: str) -> None:
        while True:
            self._look(workload)
            await asyncio.sleep(SYNC_PERIOD * self._scale)

    def _look(self, workload: str) -> None:
        pods = list(self._uses(workload))
        decision = self._controllers[workload].decide(time.monotonic(), pods)
        self._decisions[workload] = decision
        rescaling = self._rescaling.get(workload)
        # It goes on looking while pods start or end; what it finds then is done when they have.
        if decision.replicas == len(pods) or (rescaling and not rescaling.done()):
            return
        used = ", ".join(f"{name} {share:.0f} %" for name, share in decision.utilisation.items())
        _log.info("%s goes from %d to %d pods: %s", workload, len(pods), decision.replicas, used or decision.reason)
        # Whoever ends the autoscaler does not leave a workload half scaled.
        self._rescaling[workload] = asyncio.create_task(self._carry_out(workload, decision.replicas))

    async def _carry_out(self, workload: str, replicas: int) -> None:
        try:
            await self._rescale(workload, replicas)
        except DeployError as error:
            _log.warning("%s was not scaled: %s", workload, error)

    def _describe(self, workload: str, controller: Controller) -> Autoscaling:
        asked, decision = controller.autoscaler, self._decisions.get(workload)
        current = self._count(workload)
        return Autoscaling(
            workload=workload,
            minimum=asked.minimum,
            maximum=asked.maximum,
            targets=dict(asked.targets),
            current=current,
            desired=decision.replicas if decision else current,
            utilisation={} if decision is None else {k: v for k, v in decision.utilisation.items() if math.isfinite(v)},
            reason=decision.reason if decision else "",
        )
