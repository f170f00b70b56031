"""What an organisation asks of its documents, as a pure library: policy files in, verdicts on documents out.

``compile`` reads a policy once; ``bundle`` puts the policies of a folder together; ``evaluate`` judges a document.
Nothing here touches a disk. What a policy says can cost only so much: see ``limits``.
"""
