"""MS951 to MS999: machine types, spot capacity and cost targets."""
