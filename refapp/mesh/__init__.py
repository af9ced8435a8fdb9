"""The service mesh: certificates and Envoy's configuration, generated from the topology.

It knows no process and no network: a topology and addresses go in, files come out.
"""

from refapp.mesh.addresses import MONGODB, RABBITMQ, Address, Edge, Mesh, Pod, destinations

__all__ = ["MONGODB", "RABBITMQ", "Address", "Edge", "Mesh", "Pod", "destinations"]
