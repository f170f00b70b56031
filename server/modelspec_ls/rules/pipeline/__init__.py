"""MS801 to MS849: do the specs of a pipeline exist, and do their promises add up?"""
