"""MS001 to MS099: is the text YAML, and does every loader read the same in it?"""
