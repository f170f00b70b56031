"""From one kind of document to another: a ModelSpec as an OpenModel of llmaz and the other way round.

Pure functions: a document and what is known about models and accelerators go in, a text and a list of what was lost,
changed, looked up or left to fill in come out. Nothing is written here, and no value is made up.
"""
