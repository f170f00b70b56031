"""MS301 to MS399: whether the model runs on the accelerators that the spec asks for."""
