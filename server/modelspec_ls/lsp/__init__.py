"""The language server: transport, JSON-RPC, the session (the only mutable state), one thin handler per method.

May import: everything below it; alone in the project pygls and lsprotocol.
Units: positions are lines and characters in the client's encoding; ``convert`` and ``session`` make offsets of them.
"""

from .lazy_types import load

# Before all that imports the protocol's types.
load()
