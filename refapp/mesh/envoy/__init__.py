"""Envoy's configuration, part by part, as the dictionaries that its JSON is made of.

The messages are documented at https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/api.
"""

from refapp.mesh.envoy.binary import EnvoyNotFoundError, arguments, binary

__all__ = ["EnvoyNotFoundError", "arguments", "binary"]
