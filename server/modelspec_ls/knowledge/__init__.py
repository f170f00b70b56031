"""Facts about models, accelerators, precisions, engines and vocabularies, each with a source and a date.

May import: core and resources.
Units: as the field names say (GiB is 2^30 bytes, GB 10^9).
"""
