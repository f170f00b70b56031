"""MS201 to MS249: do the statements about the model agree, with each other and with the catalogue?"""
