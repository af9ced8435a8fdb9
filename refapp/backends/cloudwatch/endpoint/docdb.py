"""DocumentDB in moto, as an amendment: moto's RDS answers its API, but refuses to create anything of its engine."""

from collections.abc import Callable
from typing import Any, Final

ENGINE: Final = "docdb"
VERSION: Final = "5.0.0"
PORT: Final = 27017
PARAMETER_GROUP: Final = "default.docdb5.0"
STORAGE: Final = 1
"""Gibibytes that a new cluster says it has allocated; DocumentDB's storage grows by itself."""


def amend() -> None:
    """Teach moto the engine: its name, and the defaults of its clusters and instances."""
    from moto.rds import models, utils  # noqa: PLC0415 - it imports all of EC2

    cluster: Any = models.DBCluster
    instance: Any = models.DBInstance
    for engines, name in (
        (utils.ClusterEngine, "list_cluster_engines"),
        (utils.DbInstanceEngine, "valid_db_instance_engine"),
    ):
        setattr(engines, name, staticmethod(_with_engine(getattr(engines, name))))
    for kind in (cluster, instance):
        kind.default_port = staticmethod(_for_engine(kind.default_port, PORT))
        kind.default_allocated_storage = staticmethod(_for_engine(kind.default_allocated_storage, STORAGE))
    cluster.default_engine_version = staticmethod(_for_engine(cluster.default_engine_version, VERSION))
    instance.default_engine_versions[ENGINE] = VERSION
    _amend_parameter_group(cluster)


def _with_engine(names: Callable[[], list[str]]) -> Callable[[], list[str]]:
    return lambda: sorted([*names(), ENGINE])


def _for_engine(default: Callable[..., Any], value: Any) -> Callable[..., Any]:
    def chosen(engine: str, **others: Any) -> Any:
        return value if engine == ENGINE else default(engine, **others)

    return chosen


def _amend_parameter_group(cluster: Any) -> None:
    create = cluster.__init__

    def created(self: Any, *args: Any, **members: Any) -> None:
        if members.get("engine") == ENGINE and not members.get("db_cluster_parameter_group_name"):
            members["db_cluster_parameter_group_name"] = PARAMETER_GROUP
        create(self, *args, **members)

    cluster.__init__ = created
