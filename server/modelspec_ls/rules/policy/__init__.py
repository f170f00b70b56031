"""PL101 and PL102: what an organisation asks of its deployments ([how to write policies](../policy.md))."""
