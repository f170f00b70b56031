"""MS401 to MS449: is the number format known, is it that of the weights, and can engine and accelerator use it?"""
