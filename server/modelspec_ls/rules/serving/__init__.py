"""MS601 to MS649: does the engine answer as the spec says, and are its settings the ones it reads?"""
