"""What runs inside a pod: the greeting services and the gateway."""

import os

# gRPC's core would write lines of its own to stderr. What matters of them comes back as an error and is logged.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
