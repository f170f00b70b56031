"""MS651 to MS699: metrics and logs that somebody can rely on."""
