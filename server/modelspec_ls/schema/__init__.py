"""The JSON Schemas: load by kind, navigate at a path, validate, sort out what an error means.

May import: core, resources, and (alone in the project) jsonschema.
"""
