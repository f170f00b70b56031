"""MS101 to MS149: is the document what ModelSpec v0.1 allows?"""
