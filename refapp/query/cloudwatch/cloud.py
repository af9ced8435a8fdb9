"""The AWS that a platform uses: what stands for it locally, or AWS itself, by way of boto3."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError

from refapp.monitoring.cluster import NAME, REGION
from refapp.query.answers import shown
from refapp.query.cloudwatch.errors import CloudError, NoCloudError

URL = "aws"
"""Under which name a platform tells the address of what stands for AWS."""

_CONNECT, _READ = 5.0, 60.0  # seconds
_ATTEMPTS = 2  # locally, a server that does not answer will not answer soon
_KEY = "local"  # where nobody looks at it
# What botocore would take from the environment and the files of a reader; none of it concerns a server on loopback.
_ISOLATED: Mapping[str, Any] = {
    "profile": None,
    "config_file": os.devnull,
    "credentials_file": os.devnull,
    "ca_bundle": None,
    "use_fips_endpoint": False,
    "use_dualstack_endpoint": False,
}


class Cloud:
    """AWS as boto3 reaches it.

    Locally nothing of the reader's own AWS configuration is read, and none of their credentials are sent: keys, region
    and address are fixed. On AWS, boto3's own chain decides on credentials and, unless it is given, on the region.

    Attributes:
        cluster: the name of the cluster, which is part of the names of its log groups.
    """

    def __init__(
        self,
        urls: Callable[[], Mapping[str, str]],
        *,
        cluster: str = NAME,
        region: str | None = None,
        on_aws: bool = False,
    ) -> None:
        """Take the address from `urls` when it is needed, under `aws`, unless the platform is `on_aws`."""
        self.cluster = cluster
        self._urls = urls
        self._region = region
        self._on_aws = on_aws
        self._making = threading.Lock()
        self._clients: dict[tuple[str, str | None], Any] = {}

    @property
    def region(self) -> str:
        """The region, such as `us-east-1`."""
        own = boto3.session.Session().region_name if self._on_aws and self._region is None else None
        return self._region or own or REGION

    def client(self, service: str) -> Any:
        """A client of boto3 for a service, such as `logs`; the same one whenever it is asked for again.

        Raises:
            NoCloudError: nothing stands for AWS.
            CloudError: boto3 cannot make one.
        """
        url = self._url()
        with self._making, _told(url or "AWS"):
            if (service, url) not in self._clients:
                self._clients[service, url] = self._make(service, url)
            return self._clients[service, url]

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """The answer to an operation, such as `put_log_events`; parameters that are None are not sent.

        Raises:
            NoCloudError: nothing stands for AWS.
            CloudError: there is no answer, or it is an error.
        """
        client = self.client(service)
        with _told(self._url() or "AWS"):
            answer: dict[str, Any] = getattr(client, operation)(**_sent(parameters))
            return _checked(answer)

    def pages(self, service: str, operation: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """The answers to an operation that answers in pages, one after the other, as they are asked for.

        Raises:
            NoCloudError: nothing stands for AWS.
            CloudError: there is no answer, or it is an error.
        """
        pages = iter(self.client(service).get_paginator(operation).paginate(**_sent(parameters)))
        while True:
            with _told(self._url() or "AWS"):
                page = next(pages, None)
            if page is None:
                return
            yield _checked(page)

    def environment(self) -> dict[str, str]:
        """The variables by which boto3, the AWS CLI and other SDKs find what stands for AWS, and use nothing else.

        They are those of "Environment variables" and "Service-specific endpoints", AWS SDKs and Tools reference guide.
        On AWS itself there is nothing to be told but the region.

        Raises:
            NoCloudError: nothing stands for AWS.
        """
        url = self._url()
        region = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        if url is None:
            return region
        files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        keys = {"AWS_ACCESS_KEY_ID": _KEY, "AWS_SECRET_ACCESS_KEY": _KEY}
        return {"AWS_ENDPOINT_URL": url, **region, **keys, **files}

    def address(self, name: str) -> str:
        """The address of `aws`, or of another part of the platform that has to do with it.

        Raises:
            NoCloudError: there is no such part.
        """
        if self._on_aws:
            raise NoCloudError(f"the platform is on AWS, where {name} has no address of its own")
        if url := self._urls().get(name):
            return url
        raise NoCloudError("the platform has nothing that stands for AWS: it was started without CloudWatch")

    def _url(self) -> str | None:
        return None if self._on_aws else self.address(URL)

    def _make(self, service: str, url: str | None) -> Any:
        if url is None:
            return boto3.session.Session(region_name=self.region).client(service)
        session = botocore.session.Session()
        for name, value in _ISOLATED.items():
            # Unlike the session's own method, it takes None for an answer.
            session.get_component("config_store").set_config_variable(name, value)
        session.set_credentials(_KEY, _KEY)
        config = Config(
            connect_timeout=_CONNECT,
            read_timeout=_READ,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            proxies={},
            inject_host_prefix=False,  # such as `stream-`, before a name that is no AWS's
        )
        return boto3.session.Session(botocore_session=session, region_name=self.region).client(
            service, endpoint_url=url, config=config
        )


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Say in one error of ours what boto3 says in many."""
    try:
        yield
    except ClientError as error:
        raise _refusal(address, error) from None
    except (ConnectTimeoutError, ReadTimeoutError) as error:
        raise CloudError(f"{address} did not answer in time: {error}") from None
    except BotoCoreError as error:
        raise CloudError(f"{address} cannot be asked: {error}") from None


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, unless it is a page for people, in which boto3 finds nothing, and nothing to complain of."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    said = int(headers.get("content-length", 0)) > len("{}")
    if set(answer) == {"ResponseMetadata"} and said and headers.get("content-type", "").startswith("text/html"):
        raise CloudError("a web page was answered, which no part of AWS does: look at the address, and for a proxy")
    return answer


def _refusal(address: str, error: ClientError) -> CloudError:
    response = error.response
    code = str(response.get("Error", {}).get("Code", ""))
    message = str(response.get("Error", {}).get("Message", "")) or "nothing"
    details = {name: value for name, value in response.items() if name not in ("Error", "ResponseMetadata")}
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    text = f"{address} refused {error.operation_name} ({code}): {shown(message)}"
    return CloudError(text, status, code, {"message": message, **details})


def _sent(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}
