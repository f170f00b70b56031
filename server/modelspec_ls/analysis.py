"""``check_document``: the one entrance to all findings, for the server and the command line."""
