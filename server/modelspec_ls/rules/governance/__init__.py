"""MS901 to MS949: owner, personal data, retention."""
